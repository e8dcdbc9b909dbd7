"""Garbage of questions, collected in small portions.

A question leaves thousands of objects that hold one another, most of them SQLAlchemy's. The intake
leaves none, and the worker has the collector look seldom. Left to it they became 50,000, and took
80 ms in one piece, while notifications waited.
"""

import gc

# So many objects take 3 ms; a few pages of events leave as many.
PORTION = 2_500


def collect_portion() -> None:
    """Collects the youngest objects, if there are many."""
    if gc.get_count()[0] >= PORTION:
        gc.collect(0)
