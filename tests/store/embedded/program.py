"""A process that uses the embedded Postgres until its input ends; it greets with one JSON line."""

import json
import sys
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.store.embedded import embedded_postgres


def main(data_dir: str, *options: str) -> None:
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
