"""Laws of migrations that come after a database may have been distributed.

A distributed table takes one command at a time, with one change in it: it refuses several commands
in one string, and several subcommands in one ALTER TABLE.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from receiver.store.schema.revisions import is_for_last, known_revisions, migrations_folder

# The key of identities cannot be changed on a distributed table, so that `receiver distribute` asks
# for it first; every later revision may meet a distributed database.
FIRST_DISTRIBUTED = "0022"

DISTRIBUTED = r"(?:event|event_identity|event_seed)\b"
CHANGES = r"(?:ADD|ALTER|ATTACH|DETACH|DROP|RENAME|RESET|SET|VALIDATE)\b"
SEVERAL_SUBCOMMANDS = re.compile(
    rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{DISTRIBUTED}[^;]*,\s*{CHANGES}"
)
SEVERAL_COMMANDS = re.compile(
    rf"(?:TABLE|INDEX|ON) (?:IF (?:NOT )?EXISTS )?(?:ONLY )?{DISTRIBUTED}.*;\s*\S"
    rf"|;\s*\S.*(?:TABLE|ON) (?:ONLY )?{DISTRIBUTED}",
    re.DOTALL,
)
QUOTED_OR_NESTED = re.compile(r"'[^']*'|\([^()]*\)")


def texts_of(source: str) -> Iterator[str]:
    """Yields the texts of a module, with what is composed into them left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value for part in node.values if isinstance(part, ast.Constant))
            yield "x".join(str(part) for part in parts)


def is_refused(text: str) -> bool:
    """Tells whether a distributed table refuses a text of SQL."""
    bare = " ".join(text.split())
    while QUOTED_OR_NESTED.search(bare):
        bare = QUOTED_OR_NESTED.sub(" x ", bare)
    return bool(SEVERAL_SUBCOMMANDS.search(bare) or SEVERAL_COMMANDS.search(bare))


def test_a_migration_of_a_distributed_database_sends_its_commands_one_by_one() -> None:
    refused = [
        (path.name, text)
        for path in sorted((migrations_folder() / "versions").glob("*.py"))
        if path.name.split("_")[3] > FIRST_DISTRIBUTED
        for text in texts_of(path.read_text())
        if is_refused(text)
    ]
    assert refused == []


def test_the_revision_that_a_distribution_needs_is_the_last_of_its_release() -> None:
    assert FIRST_DISTRIBUTED in known_revisions()
    assert is_for_last(FIRST_DISTRIBUTED)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE event DROP CONSTRAINT event_pkey, ADD CONSTRAINT event_pkey PRIMARY KEY (a)",
        "ALTER TABLE ONLY event_identity ADD COLUMN a integer DEFAULT (1), DROP COLUMN b",
        "ALTER TABLE event ADD COLUMN a text; COMMENT ON COLUMN event.a IS 'b'",
        "SET lock_timeout = '2s'; CREATE INDEX a ON event (b)",
    ],
)
def test_what_a_distributed_table_refuses_is_found(text: str) -> None:
    assert is_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE event ADD COLUMN a numeric(10, 2) DEFAULT 0;",
        "ALTER TABLE credential ADD COLUMN a text, ADD COLUMN b text",
        "COMMENT ON COLUMN event.a IS 'one; ADD two, DROP three'",
        "CREATE INDEX a ON ONLY event (b, c)",
    ],
)
def test_what_a_distributed_table_takes_is_left_alone(text: str) -> None:
    assert not is_refused(text)


@pytest.mark.parametrize("revision", ["0001"])
def test_the_rule_finds_what_earlier_revisions_did(revision: str) -> None:
    [path] = (migrations_folder() / "versions").glob(f"*_{revision}_*.py")
    assert any(map(is_refused, texts_of(path.read_text())))
