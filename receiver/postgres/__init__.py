"""The Postgres that the service runs for itself when it has no ``DATABASE_URL``.

A process enters ``embedded_postgres(data_dir)`` and is in one of these states until it leaves:

- *waiting*: another process holds the lock, and its server does not accept connections yet;
  with ``must_own`` there is no waiting, and the caller is refused;
- *borrowing*: another process holds the lock, and its server accepts us; we never stop it;
- *owning*: we hold the lock; we make the cluster if there is none, wait for the end of a
  predecessor's server, start ours as a direct child, and stop it when we leave.

A waiting process tries the lock again every ``POLL_SECONDS``, so it becomes the owner when the
owner ends. A borrower does not: its server is gone with the owner.

Who owns what:

- The lock (``lock``) belongs to the process that holds its file open; the kernel frees it.
- Only the holder of the lock writes the cluster (``postgres``), the copy of the programs
  (``binaries``), the log (``postgres.log``) and the socket directory (``run``).
- As root, Postgres runs as the system user ``device-status-receiver``, who owns the cluster and the
  socket directory; we own the rest. Otherwise Postgres runs as us and everything is ours.
- ``postmaster.pid`` is the server's; the owner only makes a stale one harmless.

| failure | consequence |
|---|---|
| the owner is killed | the kernel frees the lock, and on Linux sends SIGINT to the server |
| its server still runs | a new owner sends SIGINT, waits for the end, and gives up in time |
| backends outlive a killed server | the start is repeated until their shared memory is free |
| the machine goes down | Postgres replays its log at the next start; fsync is always on |
| ``initdb`` fails or is interrupted | nothing is left but a folder that the next owner removes |
| the start fails or takes too long | the server is ended; the error quotes its last log lines |
| the server ends by itself | `watch` calls back once; the service decides what to do |
| the server hangs at its end | after SIGINT come SIGQUIT and SIGKILL |
| the account cannot reach the programs | as root they are copied below the data directory |
| the account cannot enter the directory | the error names the closed one; no mode is widened |
| root ran the cluster as another user before | it is given to the system user (``adoption``) |
| `PG*` variables lead elsewhere | the process forgets them before it connects |
| the cluster is another user's or version's | it is refused by name and left as it is |
"""

from receiver.postgres.cluster import has_cluster
from receiver.postgres.directories import default_data_dir
from receiver.postgres.ownership import EmbeddedPostgres, embedded_postgres

__all__ = ["EmbeddedPostgres", "default_data_dir", "embedded_postgres", "has_cluster"]
