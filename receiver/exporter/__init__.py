"""What `receiver export` is made of: what is exported, and the file that it becomes."""
