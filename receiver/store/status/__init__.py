"""What is true of devices now, read from what is derived and from the events behind it."""
