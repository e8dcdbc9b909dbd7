"""Forms: whether one was sent from a page of this console, and its fields."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from receiver.errors import InvalidArgument, PermissionDenied

# Of a form: a registration that is pasted is the longest.
LIMIT_BYTES = 64 * 1024

FIELDS_LIMIT = 50


def require_own_origin(request: Request) -> None:
    """Refuses a form of another site.

    Raises:
        PermissionDenied: the browser names another origin, or none.
    """
    site = request.headers.get("sec-fetch-site")
    if site is None:
        origin = urlsplit(request.headers.get("origin", ""))
        is_own = bool(origin.netloc) and origin.netloc == request.headers.get("host")
    else:
        is_own = site == "same-origin"
    if not is_own:
        raise PermissionDenied("This form was not sent from a page of this console")


async def read_form(request: Request) -> dict[str, str]:
    """Returns the fields of a form without blanks around them; of one that repeats, the last.

    Raises:
        BodyTooLarge: it is over the limit.
        InvalidArgument: it has too many fields.
    """
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
    except ValueError:
        raise InvalidArgument(f"form: must have at most {FIELDS_LIMIT} fields") from None
    return {name: value.strip() for name, value in fields}
