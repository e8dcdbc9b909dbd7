"""Links that sign in to the console once: the digests of their keys."""

from alembic import op

from receiver.store.schema.commands import execute

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CONSOLE_LINK = """
CREATE TABLE console_link (
    key_digest BYTEA NOT NULL,
    credential TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT console_link_once PRIMARY KEY (key_digest),
    CONSTRAINT console_link_of FOREIGN KEY(credential) REFERENCES credential (name) ON DELETE CASCADE
)
"""

COMMENTS = (
    "COMMENT ON TABLE console_link IS 'Links that sign in to the console once; a used one is gone'",
    "COMMENT ON COLUMN console_link.key_digest IS 'SHA-256 of the key in the link'",
    "COMMENT ON COLUMN console_link.credential IS 'Name of the credential that it signs in'",
    "COMMENT ON COLUMN console_link.made_at IS 'When it was made'",
    "COMMENT ON COLUMN console_link.expires_at IS 'From when on it is refused'",
)


def upgrade() -> None:
    for command in (CONSOLE_LINK, *COMMENTS):
        execute(op.get_bind(), command)


def downgrade() -> None:
    op.execute("DROP TABLE console_link")
