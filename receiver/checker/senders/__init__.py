"""What `receiver check --as` is made of: what one sender breaks in all that it sent, by rule."""
