"""How a register in the table and one of new events become the register of both.

It computes what `projection.status.merge` specifies; tests/store/derived/test_derivation_laws.py
holds both equal.
"""

# The order in which events decide; see `projection.fact.Rank`.
RANK = "effective_at DESC, specificity DESC, digest DESC"
LATEST = "value, country_code, country_name, effective_at, specificity, digest, stored_at, seq"


def _of(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{column.strip()}" for column in columns.split(","))


# When a value began, of what was known and what is added; see `projection.status.merge`. Null: a
# contradiction of one lies within the other, and only the events tell.
_SINCE = """CASE
            WHEN known.value <> excluded.value THEN CASE
                WHEN {added} < {known} THEN CASE
                    WHEN {known_other} >= {added} OR known.since_at > excluded.effective_at
                    THEN known.since_at
                END
                WHEN {added_other} >= {known} OR excluded.since_at > known.effective_at
                THEN excluded.since_at
            END
            ELSE (
                SELECT CASE WHEN num_nulls(one, two) = 0 THEN least(one, two) END
                FROM (VALUES (
                    CASE
                        WHEN {known_other} >= {added_other} OR known.since_at > excluded.other_at
                        THEN known.since_at
                        WHEN {known} <= {added_other} THEN 'infinity'::timestamptz
                    END,
                    CASE
                        WHEN {added_other} >= {known_other} OR excluded.since_at > known.other_at
                        THEN excluded.since_at
                        WHEN {added} <= {known_other} THEN 'infinity'::timestamptz
                    END
                )) AS begun (one, two)
            )
        END"""

_KNOWN = "(known.effective_at, known.specificity, known.digest)"
_ADDED = "(excluded.effective_at, excluded.specificity, excluded.digest)"
_KNOWN_OTHER = "(known.other_at, known.other_specificity, known.other_digest)"
_ADDED_OTHER = "(excluded.other_at, excluded.other_specificity, excluded.other_digest)"
_BEGUN = _SINCE.format(
    known=_KNOWN, added=_ADDED, known_other=_KNOWN_OTHER, added_other=_ADDED_OTHER
)

# What is added changes what is known; a row that it does not change is not written.
CHANGES_REGISTER = f"""{_ADDED} > {_KNOWN}
        OR (excluded.value <> known.value AND {_ADDED} > {_KNOWN_OTHER})
        OR {_ADDED_OTHER} > {_KNOWN_OTHER}
        OR excluded.first_at < known.first_at
        OR (excluded.value = known.value AND excluded.since_at < known.since_at)"""

MERGE_REGISTER = f"""ON CONFLICT ON CONSTRAINT device_status_pkey DO UPDATE SET
        ({LATEST}) = (
            SELECT {LATEST}
            FROM (VALUES
                ({_of("known", LATEST)}),
                ({_of("excluded", LATEST)})
            ) AS both_of ({LATEST})
            ORDER BY {RANK} LIMIT 1
        ),
        -- The lower of the two counts where it says something else than the higher one.
        (other_at, other_specificity, other_digest) = (
            SELECT * FROM (
                SELECT known.other_at, known.other_specificity, known.other_digest
                UNION ALL
                SELECT excluded.other_at, excluded.other_specificity, excluded.other_digest
                UNION ALL
                SELECT known.effective_at, known.specificity, known.digest
                WHERE known.value <> excluded.value AND {_KNOWN} < {_ADDED}
                UNION ALL
                SELECT excluded.effective_at, excluded.specificity, excluded.digest
                WHERE known.value <> excluded.value AND {_ADDED} < {_KNOWN}
            ) AS candidate (effective_at, specificity, digest)
            ORDER BY {RANK} LIMIT 1
        ),
        first_at = least(known.first_at, excluded.first_at),
        since_at = {_BEGUN}
    WHERE {CHANGES_REGISTER}"""  # noqa: S608 - composed of constants
