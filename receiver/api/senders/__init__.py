"""The door for whoever watches senders: how much came from whom, how late, and what was wrong."""
