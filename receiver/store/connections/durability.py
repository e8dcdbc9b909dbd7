"""Durability of a commit, asked for by the transaction that a sender waits for."""

# A condition that is always true and raises `synchronous_commit` for its transaction. A role, a
# database or a server may turn that setting off, and a crash then loses commits that were answered.
# Every other value waits at least for the local disk, and stays as the administrator chose it.
# It is raised inside the statement, because a transaction pooler hands the setting of a session to
# others and loses it at the next server. The sub-select runs once for a statement, not for a row.
# The warning that a synchronous standby did not confirm a commit is asked for in the same way.
DURABLE = """(
    SELECT CASE current_setting('synchronous_commit')
        WHEN 'off' THEN set_config('synchronous_commit', 'on', true) IS NOT NULL
        ELSE true
    END AND CASE current_setting('client_min_messages')
        WHEN 'error' THEN set_config('client_min_messages', 'warning', true) IS NOT NULL
        ELSE true
    END
)"""
