"""Bytes that two parsers might read differently, and bytes that are no HTTP at all."""

from tests.system.hostile.marks import NUMBER, VALUE, WORD

START = f"POST /notifications HTTP/1.1\r\nHost: {WORD}\r\nX-{WORD}: {NUMBER}0001\r\n".encode()
# What a smuggler hides; nobody may ever answer it.
HIDDEN = f"GET /livez?{WORD} HTTP/1.1\r\nHost: {WORD}\r\n\r\n".encode()
END_CHUNK = b"0\r\n\r\n"

# Each is read in one way only: it is refused, the connection closed, and nothing behind it read.
AMBIGUOUS = {
    "CL.TE": START
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    + END_CHUNK
    + HIDDEN,
    "TE.CL": START
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
    + END_CHUNK
    + HIDDEN,
    "TE.TE": START
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"
    + END_CHUNK
    + HIDDEN,
    "TE list": START + b"Transfer-Encoding: chunked, x\r\n\r\n" + END_CHUNK + HIDDEN,
    "TE before colon": START + b"Transfer-Encoding : chunked\r\n\r\n" + END_CHUNK + HIDDEN,
    "TE folded": START + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + END_CHUNK + HIDDEN,
    "TE tab": START + b"Transfer-Encoding:\tchunked\x0b\r\n\r\n" + END_CHUNK + HIDDEN,
    "TE in 1.0": START.replace(b"1.1", b"1.0")
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    + END_CHUNK
    + HIDDEN,
    "CL differing": START + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + HIDDEN,
    "CL list": START + b"Content-Length: 5, 6\r\n\r\n" + HIDDEN,
    "CL negative": START + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "CL signed": START + b"Content-Length: +5\r\n\r\n" + HIDDEN,
    "CL hex": START + b"Content-Length: 0x5\r\n\r\n" + HIDDEN,
    "CL giant": START + b"Content-Length: 99999999999999999999999999\r\n\r\n" + HIDDEN,
    "CL word": START + f"Content-Length: {WORD}\r\n\r\n".encode() + HIDDEN,
    "chunk giant": START + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + HIDDEN,
    "chunk negative": START + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + HIDDEN,
    "chunk word": START + f"Transfer-Encoding: chunked\r\n\r\n{WORD}\r\n".encode() + HIDDEN,
    "space in name": START + f"X {WORD}: 1\r\n\r\n".encode() + HIDDEN,
    "NUL in value": START + b"X-A: a\0b\r\n\r\n" + HIDDEN,
    "CR in value": START + b"X-A: a\rb\r\n\r\n" + HIDDEN,
    "no colon": START + f"{WORD}\r\n\r\n".encode() + HIDDEN,
    "version": f"POST /{WORD} HTTP/9.9\r\n\r\n".encode() + HIDDEN,
    "method": f"{WORD} / HTTP/1.1\r\n\r\n".encode() + HIDDEN,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
    "short line": b"GET\r\n\r\n" + HIDDEN,
}

# These are read in one way too, and the service may answer as it likes, as long as it does.
ODD = {
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "TE unknown": START + b"Transfer-Encoding: xchunked\r\n\r\n" + END_CHUNK + HIDDEN,
    "upgrade": b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "websocket": b"GET /notifications HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n",
    "line feeds": (START + b"Content-Length: 0\r\n\r\n").replace(b"\r\n", b"\n"),
    "absolute": f"GET http://{WORD}.example/livez?{WORD} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "authority": f"CONNECT {WORD}.example:443 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "two hosts": f"GET /livez HTTP/1.1\r\nHost: x\r\nHost: {WORD}\r\n\r\n".encode(),
    "extension": START
    + f"Transfer-Encoding: chunked\r\n\r\n5;{WORD}={NUMBER}0002\r\nabcde\r\n".encode()
    + END_CHUNK,
    "trailer": START
    + f"Transfer-Encoding: chunked\r\n\r\n0\r\nX-{WORD}: {NUMBER}0003\r\n\r\n".encode(),
    "junk behind": START + b"Content-Length: 2\r\n\r\n{}" + f"{WORD}{VALUE}".encode(),
    "expect": START + b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    "expect word": START + f"Expect: {WORD}\r\nContent-Length: 0\r\n\r\n".encode(),
    "dots": f"GET /../../{WORD}/%2e%2e/%00{NUMBER}0004 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "long target": f"GET /{WORD * 5000} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "not UTF-8": b"GET /\xff\xfe\xe4 HTTP/1.1\r\nHost: \xe4\r\nX-\xe4: \xe4\r\n\r\n",
    "nothing": b"",
    "line ends": b"\r\n" * 1000,
}
