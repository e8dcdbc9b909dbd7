"""What is derived from events: registers, subscriptions and identifiers of devices.

Every column merges by greatest, least or union, so that reading an event again, late or in another
batch changes nothing. Only the projector writes here, and everything can be made anew from events.
"""
