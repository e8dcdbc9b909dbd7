"""Simulated providers: what they say of phones, what goes wrong on the way, and its sending."""
