"""Following: newly stored events, read once by a process for all that listen in it.

The reader begins at a position, which is now, and each step reads what has become visible since. As
for the projector, the position is a snapshot or a time. A snapshot reads each event once, however
late its transaction commits; a time reads the latest half minute again with each step, and leaves
out what it has told. No position stands in a cursor: whoever comes back has the time at which its
last event was stored, reads pages from half a minute before, and joins the reader.

| what happens | what the reader does |
|---|---|
| nobody listens | has no connection and no position |
| the database is away, or a step fails | the step tells its events again; the position stays |
| the database answers again as the same server | goes on from its position |
| it is another cluster, or another server of it | its position means nothing: it is broken |
| more events are new than it reads at a time | it is broken |

Where the reader is broken, all who listen come back by their last event, and it begins anew.
"""
