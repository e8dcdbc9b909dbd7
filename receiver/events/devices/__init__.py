"""The device of an event: its identifiers, and the id that they come down to."""
