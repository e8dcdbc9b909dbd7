"""Garbage of questions, collected in small portions.

A question leaves thousands of objects that hold one another, most of them SQLAlchemy's. The intake
leaves none, and the worker has the collector look seldom. Left to it they became 50,000, and took
80 ms in one piece, while notifications waited.
"""

import gc

# So many objects take 3 ms; a few pages of events leave as many.
PORTION = 2_500

# Collections of one generation before those that outlived them are looked at, as in the collector
# itself. Questions that were under way have their objects among them, and nobody else would look:
# the collector waits for many young ones, of which portions leave it none.
OUTLIVED = 10


def collect_portion() -> None:
    """Collects the youngest objects, if there are many, and at times the older ones."""
    young, middle, old = gc.get_count()
    if young >= PORTION:
        gc.collect(2 if old > OUTLIVED else 1 if middle > OUTLIVED else 0)
