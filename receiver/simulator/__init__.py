"""Simulated providers: the stories of phones, how providers write them, faults, and sending."""
