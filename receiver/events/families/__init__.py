"""One module for each kind of event; each exports `PAYLOADS`, from event name to its meaning."""
