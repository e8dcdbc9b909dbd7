"""What is known of a subscription: what was told of it, its state, its forecast and its gaps."""
