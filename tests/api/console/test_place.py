"""The link that signs in once."""

import pytest

from receiver.api.console.place import compose_link


@pytest.mark.parametrize("url", ["https://r.example/below", "https://r.example/below/"])
def test_a_link_stands_below_the_url_of_the_service(url: str) -> None:
    assert compose_link(url, "a-key") == "https://r.example/below/console/enter?key=a-key"
