"""The projector: it derives registers, subscriptions and identifiers of devices from events.

Events are the authority, and stay as they arrived. The derived tables hold what of all events
decides answers: each column merges by greatest, least or union, so that reading an event again,
late or in another batch changes nothing. Only the projector writes them, in steps of one
transaction each that also moves its position; everything can be made anew from events. An answer
reads the tables and folds the events behind the position itself, so that it is never late.

One of two feeds finds the next events; see `feeds`. The position is a snapshot or a time, and the
row of `projection` has the one that the last step left. A step reads by the position that it finds,
and leaves one of its own feed when it has read all.

| state of `projection` | what a step does |
|---|---|
| no row | begins: the position is now, and everything is to be derived anew |
| the position is of the other feed | derives what is behind it, and leaves one of its own feed |
| `derivation` is older than this release | begins a rebuild |
| `rebuilding` | derives the next events of the feed, and a range of devices from all their events |
| `derivation` is that of this release | derives the next events of the feed |
| `derivation` or `rebuilding` is newer | nothing, until `receiver rebuild --take-over` |
| another cluster, as after a restore | by a snapshot, begins a new epoch and a rebuild |

| what fails | what happens |
|---|---|
| the process, or the database, in a step | all of the step is undone; the next one begins there |
| a step takes longer than its limit | the next one ends where some thousand events are read |
| a step of a peak finds ever more | after one of a thousand events, likewise |
| the database crashes after a step | what it lost with its position is derived again |
| two processes derive | one holds the row of `projection`, the other does nothing |
| the projector stops for long | answers fold up to 2,000 events, then say as of when they are |
| a transaction commits late, or never | a snapshot waits for it alone, a time for 30 seconds |
| a transaction was open for longer | answers by a time lack its events until the daily sweep |
| the clock of the database is set back | a time is taken back with it; a snapshot needs no clock |
| processes of one database have different feeds | each step leaves its own; nothing is lost |
| the feed skips an event, by a fault | the daily sweep derives it |
| the logic was wrong | a higher `DERIVATION` rebuilds by itself, `receiver rebuild` on demand |
"""
