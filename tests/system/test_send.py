"""Captured notifications of every way to write them down reach a service that runs, once each."""

import gzip
import json
from pathlib import Path

from tests.support.service import Installation, Service, notification

SENT = """
    SELECT sender_event_id, deliveries FROM reporting.event
    WHERE sender_event_id LIKE 'send-%' ORDER BY 1
"""


def test_files_batches_and_lines_are_stored_by_the_local_service(
    service: Service, shared_installation: Installation, tmp_path: Path
) -> None:
    one, two, three, four, five = (
        json.dumps(notification(f"send-{number}")) for number in range(1, 6)
    )
    contents = {
        "one.json": one.encode(),
        "batch.json.gz": gzip.compress(f"[{two},{three}]".encode()),
        "lines": f'{four}\n{{"body": {five}}}\n{{}}\n'.encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = [str(tmp_path / name) for name in contents]
    ended = shared_installation.run("send", *files)
    assert ended.stderr == "5 read: 4 taken, 1 refused\n"
    *taken, refused = ended.stdout.splitlines()
    assert [line.rsplit(maxsplit=1)[1] for line in taken] == ["204"] * 4
    assert f"{tmp_path}/lines:3  400 INVALID_ARGUMENT " in refused
    assert ended.returncode == 1
    assert shared_installation.run("send", *files[:2]).returncode == 0
    stored = shared_installation.ask(SENT)
    assert stored == ["send-1|2", "send-2|2", "send-3|2", "send-4|1", "send-5|1"]
