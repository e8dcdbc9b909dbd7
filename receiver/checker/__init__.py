"""What `receiver check` is made of: a verdict on each notification of a file."""
