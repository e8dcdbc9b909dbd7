"""What the OpenAPI says before its calls."""

from receiver.api.description.preamble import PREAMBLE, TAGS


def test_the_tags_are_told_in_their_order() -> None:
    assert [tag["name"] for tag in PREAMBLE["openapi_tags"]] == list(TAGS)
    assert all(description.endswith(".") for description in TAGS.values())
