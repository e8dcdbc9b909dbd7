"""The folder of the commands of `receiver spool`."""

from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings


def require_folder(settings: Settings) -> Path:
    """Returns the folder of the spool.

    Raises:
        ConfigurationError: the settings name none.
    """
    if settings.spool_dir is None:
        raise ConfigurationError("RECEIVER_SPOOL_DIR is not set; there is no spool")
    return settings.spool_dir
