"""`receiver simulate`: sends a plan to a sink and prints how the sink answered."""

from typing import Annotated

import typer
from rich.console import Console

from receiver.api.sink.path import PATH
from receiver.app.address import find_local_service
from receiver.app.database import find_data_dir
from receiver.app.first_start import find_token_file
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.simulator.plan import BATCH_SIZE_MAX, Forms, Plan, find_unusable
from receiver.simulator.report import print_report
from receiver.simulator.run import run_plan
from receiver.store.credentials.credentials import Role


def simulate(
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="The sink. Default: the local service.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="RECEIVER_TOKEN",
            help="The sink's bearer token. Default: the one the first start left.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed sends identical notifications.")] = 1,
    rate: Annotated[
        float | None, typer.Option(help="Notifications a second. Default: as fast as answered.")
    ] = None,
    count: Annotated[
        int, typer.Option(help="How many events; without --batch as many notifications.")
    ] = 200,
    forms: Annotated[
        Forms,
        typer.Option(
            help="usual: every published version and form, each with a phone number. all: also "
            "drafts, CloudEvents binary mode, and notifications without device or data."
        ),
    ] = Forms.USUAL,
    batch: Annotated[
        int,
        typer.Option(
            metavar="SIZE",
            help=f"Put up to so many CloudEvents of one phone into one batch, {BATCH_SIZE_MAX} at "
            "most.",
        ),
    ] = 1,
    faults: Annotated[
        bool,
        typer.Option(
            "--faults",
            help="Let one in five go wrong: sent twice, late or out of order, spoilt, of an "
            "unknown type, with a wrong token or media type.",
        ),
    ] = False,
) -> None:
    """Send stories of phones that roam, lose connectivity and end their subscriptions.

    Exit status: 0 when every answer was as it should be, else 1. Without --faults that is 204.
    """
    settings = Settings.from_environment()
    url = to or f"{_find_local_service(settings)}{PATH}"
    token = token or _read_local_token(settings)
    plan = Plan(seed, count, forms, batch, faults)
    if unusable := find_unusable(plan, url=url, token=token, rate=rate):
        option, reason = unusable
        raise typer.BadParameter(reason, param_hint=option)
    summary = run_plan(plan, url=url, token=token, rate=rate, console=Console(stderr=True))
    print_report(summary, Console())
    if not any(isinstance(answer, int) for answer in summary.answers):
        typer.echo(f"receiver: nothing answered at {url}", err=True)
    raise typer.Exit(0 if summary.is_as_expected else 1)


def _find_local_service(settings: Settings) -> str:
    url = find_local_service(settings)
    if url is None:
        raise ConfigurationError("no local service is known, and RECEIVER_PORT is 0; give --to")
    return url


def _read_local_token(settings: Settings) -> str:
    path = find_token_file(find_data_dir(settings), Role.SINK)
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"no token: {path} cannot be read ({error.strerror}); give --token"
        ) from None
