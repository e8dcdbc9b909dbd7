"""What `receiver import` is made of: the lines of a file, and their way through intake."""
