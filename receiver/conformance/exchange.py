"""One request to a sink, and the answer to it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

# A CAMARA error code; whatever else an error holds is never shown.
CODE = re.compile(r"[A-Z][A-Z0-9_.]{0,95}")


class Credential(Enum):
    """How a request authenticates itself."""

    RIGHT = auto()
    RIGHT_IN_LOWER_CASE = auto()
    RIGHT_AS_BASIC = auto()
    WRONG = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        headers: by lower-case name, without that of the credential.
        pieces: into how many parts the body is cut; 1: it is sent whole.
        is_chunked: whether the pieces go out in the chunked transfer coding, or with a length.
        pause_seconds: between two pieces.
    """

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    credential: Credential = Credential.RIGHT
    pieces: int = 1
    is_chunked: bool = False
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request.

    Attributes:
        status: of HTTP; None: there was no answer.
        fault: in words, why there was none.
        headers: by lower-case name.
        body: its beginning.
        port: of the connection, on this side.
        seconds: from the beginning of the request to the end of the answer.
    """

    status: int | None
    fault: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    port: int | None = None
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the sink took what was sent."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Whether the sink says that the request is wrong."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def error(self) -> Mapping[str, object]:
        """The members of the body, if it is a JSON object."""
        try:
            members = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return members if isinstance(members, dict) else {}

    def describe(self) -> str:
        """Returns the status with its CAMARA code, or why there is none."""
        if self.status is None:
            return f"no answer ({self.fault})"
        code = self.error.get("code") if self.status >= 400 else None
        is_code = isinstance(code, str) and CODE.fullmatch(code)
        return f"{self.status} {code}" if is_code else str(self.status)
