"""`receiver subscription`: what was told of subscriptions, and what became of them."""
