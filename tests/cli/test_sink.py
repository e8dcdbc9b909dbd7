"""The sink of a command: what is given, else the local service and the token of its first start."""

from pathlib import Path

import pytest
import typer

from receiver.app.first_start import find_token_file
from receiver.cli.sink import find_sink, read_local_token
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role


def test_a_url_without_a_path_means_the_sink() -> None:
    assert find_sink(Settings(), "http://h:1") == "http://h:1/notifications"


def test_what_is_no_url_is_a_wrong_use() -> None:
    with pytest.raises(typer.BadParameter):
        find_sink(Settings(), "http://[::1/")


def test_without_one_it_is_the_local_service() -> None:
    assert find_sink(Settings(port=9), None) == "http://127.0.0.1:9/notifications"
    with pytest.raises(ConfigurationError, match="give --to"):
        find_sink(Settings(port=0), None)


def test_the_token_is_that_of_the_first_start(own_data_dir: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_local_token(Settings(), "give one")
    file = find_token_file(own_data_dir, Role.SINK)
    file.parent.mkdir(parents=True)
    file.write_text("left\n")
    assert read_local_token(Settings(), "give one") == "left"
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"no text.*give one"):
        read_local_token(Settings(), "give one")
