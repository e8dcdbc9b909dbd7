"""The wire: HTTP/1.1 within bounds; the only room that imports uvicorn.

A connection is in one of these states. `Places.unread` and `waiting` order the connections
of a process that may make room for a newer one.

    state      since                            deadline                     may make room
    ---------  -------------------------------  ---------------------------  -------------
    new        the connection                   head_timeout_seconds         yes
    idle       an answer, nothing behind it     timeout_keep_alive           yes
    due        the next bytes of a sender       none: a few turns            no
    head       the first byte of a request      head_timeout_seconds         yes
    body       the end of the head              body_timeout_seconds         no
    answering  the end of the body              the application's            no
    unread     64 KiB of answers not read       answer_timeout_seconds       first
    refusing   a refusal behind open answers    the application's            no

Who owns what: uvicorn's protocol owns the pipeline; `FramingProtocol` owns the parser, and makes a
`Request` of each head; `GatheringProtocol` owns the one request that it holds;
`RefusingProtocol` owns the refusal; `BoundedHttpProtocol` owns the deadlines; `PortionedProtocol`
owns bytes that are due to be read; `Places` owns who has a place; `Gathering` owns the turns in
which connections are read, and whole requests until the reception has them; the reception owns them
until it responds; `Supervisor` owns the workers.

    failure                               answer                what happens to the connection
    ------------------------------------  --------------------  -------------------------------
    bytes that are not HTTP               400 not-http          closed, after the answers before it
    a head with two readings              400 not-http          closed, likewise
    head too slow · body too slow         408                   closed, likewise
    head over its limit                   431                   closed, likewise
    too many pipelined requests           400 not-http          closed, likewise
    one connection too many, some wait    none                  the one that waits longest closes
    one connection too many, none waits   for a probe alone     closed after one answer
    more than are kept back for probes    503 connections-full  the newest closes
    the caller reads nothing in time      none                  aborted
    the caller hangs up                   none                  a commit under way goes on
    the reception raises                  500 internal          stays open
    the time for a stop is over           503 stopping          closed
"""
