"""Every call of the service as a function that says what is asked; nothing is sent here."""
