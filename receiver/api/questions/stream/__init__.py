"""The live stream: server-sent events of what is stored, for as long as a caller listens.

A stream is a `Listener` with a queue. It catches up (pages from the store, as fast as the caller
reads), holds (the last pages are read, and what the feed brings meanwhile waits), or is live (the
feed's blocks go into the queue); then it has ended, for one reason.

Who owns what: `FanOut` owns the one reader of the process and who listens, and writes each event
once for all; `Resumption` owns the catching up of one stream,
`SharedPages` what it reads; `StreamResponse` owns the connection,
the heartbeat and the look at the token; `StreamPlaces` owns how many there are.

| what happens | what the caller gets |
|---|---|
| nothing for 15 seconds | a heartbeat, whose id is the place that is reached |
| it reads more slowly than events arrive | `end` with `lagged` |
| its token is revoked or expires | `end` with `unauthenticated`, within seconds |
| the reader cannot go on from its position | `end` with `reset` |
| the database is away while it catches up | `end` with `unavailable` |
| the database is away while it is live | heartbeats, and then what was stored |
| the service stops | `end` with `stopping` |
| the process is killed | the end of the connection |
| what it missed is dropped by retention | `gap`, and then what is kept |

After each of them it comes back with the id of its last event, and gets what was stored since at
least once.
"""
