"""The wire: HTTP/1.1 in bounds, and the only room that imports uvicorn."""
