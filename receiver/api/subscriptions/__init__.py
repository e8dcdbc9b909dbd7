"""The door of subscriptions: the ledger, and registration."""
