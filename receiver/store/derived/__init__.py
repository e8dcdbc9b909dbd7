"""What is derived from events, and the answers that are read from it.

Every column of the derived tables merges by greatest, least or union, so that reading an event
again, late or in another batch changes nothing. Only the projector writes them, and everything can
be made anew from events. An answer folds the events that are not derived yet on top.
"""
