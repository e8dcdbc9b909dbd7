"""A version of an API: one call at one path, with its request, its answer and its errors."""

from collections.abc import Callable
from dataclasses import dataclass

from receiver.api.answers.resource import Resource
from receiver.api.camara.errors import Wordings
from receiver.api.camara.reading import Reading
from receiver.api.camara.requests import DeviceResponse, RetrieveRequest

# The header in which Nokia's SDK sends its key; it sends no `Authorization`.
NOKIA_KEY_HEADER = "x-rapidapi-key"

# Takes what is known of the device, and the identifier that decided.
Answering = Callable[[Reading, DeviceResponse], Resource]


@dataclass(frozen=True, slots=True)
class Version:
    """One call of one release; the next release of the same words is the same version.

    Attributes:
        release: the newest that is served here, as the OpenAPI names it.
        path: whole.
        operation_id: of this service's OpenAPI.
        summary: likewise.
        scope: of an access token that may make this call alone.
        request: the body.
        response: the body of the answer.
        answer: makes it; raises `StatusUnknown` where the release cannot say what is known.
        wordings: how the release says errors.
        key_header: a header that may bring the token in place of `Authorization`.
    """

    release: str
    path: str
    operation_id: str
    summary: str
    scope: str
    request: type[RetrieveRequest]
    response: type[Resource]
    answer: Answering
    wordings: Wordings
    key_header: str | None = None
