"""The sink that a command posts to: its URL and token, given or those of the local service."""

import typer

from receiver.api.sink.path import PATH
from receiver.app.address import find_local_service
from receiver.app.database import find_data_dir
from receiver.app.first_start import find_token_file
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.simulator.address import complete_url
from receiver.store.credentials.credentials import Role


def find_sink(settings: Settings, to: str | None) -> str:
    """Returns the URL of the sink; without `--to`, of the local service.

    Raises:
        ConfigurationError: nothing tells where the local service is.
        BadParameter: `--to` is no URL.
    """
    if to is not None:
        try:
            return complete_url(to)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--to") from None
    url = find_local_service(settings)
    if url is None:
        raise ConfigurationError("no local service is known, and RECEIVER_PORT is 0; give --to")
    return f"{url}{PATH}"


def read_local_token(settings: Settings, option: str) -> str:
    """Returns the sink token that the first start left.

    Args:
        option: that names another one.

    Raises:
        ConfigurationError: there is none to be read.
    """
    path = find_token_file(find_data_dir(settings), Role.SINK)
    try:
        return path.read_text().strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise ConfigurationError(f"no token: {path} cannot be read ({reason}); {option}") from None
