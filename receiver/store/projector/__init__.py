"""The projector: it derives registers, subscriptions and identifiers of devices from events.

Events are the authority, and stay as they arrived. The derived tables hold what of all events
decides answers: each column merges by greatest, least or union, so that reading an event again,
late or in another batch changes nothing. Only the projector writes them, in steps of one
transaction each that also moves its position; everything can be made anew from events. An answer
reads the tables and folds the events behind the position itself, so that it is never late.

| state of `projection` | what a step does |
|---|---|
| no row | begins: the position is now, and everything is to be derived anew |
| `derivation` is older than this release | begins a rebuild |
| `rebuilding` | derives the next events of the feed, and a range of devices from all their events |
| `derivation` is that of this release | derives the next events of the feed |
| `derivation` or `rebuilding` is newer | nothing: it is left to the newer release |
| another cluster, as after a restore | begins a new epoch and a rebuild |

| what fails | what happens |
|---|---|
| the process, or the database, in a step | all of the step is undone; the next one begins there |
| two processes derive | one holds the row of `projection`, the other does nothing |
| the projector stops for long | answers fold up to 10,000 events, then say as of when they are |
| a transaction commits late, or never | the feed knows it as running, and waits for it alone |
| the feed skips an event, by a fault | the daily sweep derives it |
| the logic was wrong | a higher `DERIVATION` rebuilds by itself, `receiver rebuild` on demand |
"""
