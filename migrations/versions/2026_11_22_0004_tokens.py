"""Several tokens for a credential, patterns of what it may send, and its last use."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The constraint's index holds the name that the new table takes.
UPGRADE = """
ALTER TABLE credential RENAME CONSTRAINT credential_token TO credential_token_before;
CREATE TABLE credential_token (
    token_digest BYTEA NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT credential_token_once PRIMARY KEY (token_digest),
    CONSTRAINT credential_token_of FOREIGN KEY (name) REFERENCES credential (name)
);
CREATE INDEX credential_token_name ON credential_token (name);
COMMENT ON TABLE credential_token IS 'The bearer tokens of credentials, as digests; several while they are rotated';
COMMENT ON COLUMN credential_token.token_digest IS 'SHA-256 of the token';
COMMENT ON COLUMN credential_token.name IS 'The credential it belongs to';
COMMENT ON COLUMN credential_token.created_at IS 'When it was made';
COMMENT ON COLUMN credential_token.expires_at IS 'From when on it is refused; null: never';
INSERT INTO credential_token (token_digest, name, created_at, expires_at)
SELECT token_digest, name, created_at, expires_at FROM credential;
ALTER TABLE credential
    DROP COLUMN token_digest,
    DROP COLUMN expires_at,
    ADD COLUMN types TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN sources TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN last_used_at TIMESTAMP WITH TIME ZONE;
COMMENT ON TABLE credential IS 'Who may call, and what it allows';
COMMENT ON COLUMN credential.types IS 'Patterns of the event types it may send; none: all';
COMMENT ON COLUMN credential.sources IS 'Patterns of the sources it may send from; none: all';
COMMENT ON COLUMN credential.last_used_at IS 'When it was last admitted, to the minute';
"""

# Each credential keeps its newest token: there is room for one.
DOWNGRADE = """
ALTER TABLE credential
    DROP COLUMN types,
    DROP COLUMN sources,
    DROP COLUMN last_used_at,
    ADD COLUMN token_digest BYTEA,
    ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE;
UPDATE credential SET token_digest = newest.token_digest, expires_at = newest.expires_at
FROM (
    SELECT DISTINCT ON (name) * FROM credential_token ORDER BY name, created_at DESC, token_digest
) AS newest
WHERE newest.name = credential.name;
DROP TABLE credential_token;
ALTER TABLE credential
    ALTER COLUMN token_digest SET NOT NULL,
    ADD CONSTRAINT credential_token UNIQUE (token_digest);
COMMENT ON TABLE credential IS 'Who may call: the digest of a bearer token, and what it allows';
COMMENT ON COLUMN credential.token_digest IS 'SHA-256 of the token';
COMMENT ON COLUMN credential.expires_at IS 'From when on it is refused; null: never';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
