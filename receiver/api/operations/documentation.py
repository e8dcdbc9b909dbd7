"""`/docs`: the calls in a browser, by Swagger UI; nothing is loaded from elsewhere.

The package `fastapi-swagger` brings the files of Swagger UI as npm's `swagger-ui-dist` publishes
them. They are read from its folder, and none of its code runs. People enter tokens on this page, so
a policy lets the browser run scripts of this service alone.
"""

from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

PACKAGE = "fastapi_swagger"

PATH = "/docs"
# Relative to the page, so that a proxy may serve the service below a path of its own.
OPENAPI = "openapi.json"

# The icons of Swagger UI are `data:` URLs.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Asset(StrEnum):
    """The files of Swagger UI that the page names."""

    BUNDLE = "swagger-ui-bundle.js"
    STYLE = "swagger-ui.css"
    ICON = "favicon-32x32.png"


INITIALIZER = "initializer.js"

PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Device Status Receiver</title>
<link rel="icon" type="image/png" href="docs/{Asset.ICON}">
<link rel="stylesheet" href="docs/{Asset.STYLE}">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/{Asset.BUNDLE}"></script>
<script src="docs/{INITIALIZER}"></script>
</body>
</html>
"""

# Without the validator, which would send the address of the description elsewhere.
SCRIPT = f"""SwaggerUIBundle({{
  url: "{OPENAPI}",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
}});
"""


def documentation_router() -> APIRouter:
    """Makes the routes of the page and its files, without authentication."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    folder = find_assets()

    @router.get("")
    async def page() -> Response:
        return HTMLResponse(PAGE, headers=HEADERS)

    @router.get(f"/{INITIALIZER}")
    async def initializer() -> Response:
        return Response(SCRIPT, media_type="text/javascript", headers=HEADERS)

    for asset in Asset:
        router.add_api_route(f"/{asset}", partial(_send_file, folder / asset))
    return router


async def _send_file(path: Path) -> Response:
    return FileResponse(path, headers=HEADERS)


def find_assets() -> Path:
    """Returns the folder with the files of Swagger UI.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).with_name("resources")
