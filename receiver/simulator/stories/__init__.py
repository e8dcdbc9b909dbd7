"""Stories of phones: what happens to them, who is told of it, and how providers write it."""
