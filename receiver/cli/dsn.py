"""`receiver dsn`: prints how other tools connect to the service's database."""

from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict

from receiver.app.database import Database, find_reports, open_database
from receiver.cli.exits import exits
from receiver.settings.settings import Settings


@exits()
def dsn(
    reports: Annotated[
        bool, typer.Option("--reports", help="For reports: reads the views and nothing else.")
    ] = False,
) -> None:
    """Print the URL of the service's database, for other tools.

    The URL alone is on stdout, with the password of DATABASE_URL if it has one; who may use it and
    when it answers is on stderr.
    """
    with open_database(Settings.from_environment()) as database:
        url = find_reports(database) if reports else database.conninfo
        remarks = _remark(database, url, reports=reports)
    for remark in remarks:
        typer.echo(remark, err=True)
    typer.echo(url)


def _remark(database: Database, url: str, *, reports: bool) -> list[str]:
    remarks = []
    if database.embedded is not None:
        remarks.append("Only the user who runs the service and root reach this socket.")
        if database.embedded.owned:
            remarks.append("It answers while `receiver serve` runs, which it does not now.")
        if not reports:
            remarks.append("The URL is a superuser's; `receiver dsn --reports` prints a reader's.")
    elif "password" in conninfo_to_dict(url):
        remarks.append("The URL holds the password of the service's own login.")
        if reports:
            remarks.append(
                "For other people make logins of their own:"
                " CREATE ROLE … LOGIN PASSWORD '…' IN ROLE receiver_reporting;"
            )
    return remarks
