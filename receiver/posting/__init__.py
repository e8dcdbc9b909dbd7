"""What `receiver send` is made of: captured notifications of files, and their way to a sink."""
