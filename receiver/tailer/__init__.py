"""What `receiver tail` is made of: lines of events, and forwarding them; knows no command line."""
