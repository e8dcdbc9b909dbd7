"""uvicorn's HTTP parser, whose one answer of its own is an `ErrorInfo` too."""

import json
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """What cannot be parsed as HTTP never reaches the application, yet gets its kind of answer."""

    def send_400_response(self, msg: str) -> None:
        """Answers and closes; `msg` is uvicorn's own sentence, never what was sent."""
        body = json.dumps({"status": 400, "code": "INVALID_ARGUMENT", "message": msg})
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n"
            f"x-correlator: {uuid4()}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(f"{head}{body}".encode())
        self.transport.close()
