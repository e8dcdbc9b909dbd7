"""Pages of events.

A path is a condition that an index answers in the order of the page; a filter is any other one. A
page without filters reads what it holds. With filters it walks: each step looks at more events, and
the page ends early, where the walk does, once its time is used up, or its share of a device's
events. Ascending by arrival a page ends before the horizon, behind which an open transaction may
yet add events.
"""
