"""The door for senders: `POST /notifications` and its handshake."""
