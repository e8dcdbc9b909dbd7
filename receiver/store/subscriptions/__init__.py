"""Subscriptions: what was told to us of them, and the ledger of what is known of each."""
