"""Erasure: a device is removed from the tables, with what stands for it.

Every step is bounded and commits by itself; what is cut off goes on when it is asked for again. So
what leads from the device to the rest goes last.

| step | under concurrency |
|---|---|
| refused bodies that name it | one that is parsed again is waited for; its events go next |
| events, each with its identity in one transaction | what others hold is tried again |
| detached months, and identities without an event | nobody reads or writes them |
| the rest, in one transaction under the lock of the projection | a step of it is waited for |

The last step removes registrations, seeds, counts and derived rows, and derives the devices anew
from the events that are there by then. So an event that is acknowledged meanwhile is removed, or is
the first of a new history; its identity and its derived rows are there exactly when it is.
"""
