"""Subscriptions: which end soon, ended without replacement or fell silent; one of them; telling."""
