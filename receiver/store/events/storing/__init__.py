"""How arrivals become rows, and the form of the hot insert on a distributed database."""
