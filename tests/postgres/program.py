"""A process that uses the embedded Postgres until its input ends; it greets with one JSON line."""

import encodings.idna  # noqa: F401 - psycopg wants it, and another user may not reach it later
import json
import os
import sys
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.postgres import embedded_postgres


def main(data_dir: str, uid: str, *options: str) -> None:
    if int(uid) != os.geteuid():
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    try:
        with embedded_postgres(Path(data_dir), must_own="must-own" in options) as postgres:
            greeting = {"conninfo": postgres.conninfo, "owned": postgres.owned}
            sys.stdout.write(json.dumps(greeting) + "\n")
            sys.stdout.flush()
            sys.stdin.read()
    except ConfigurationError as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
