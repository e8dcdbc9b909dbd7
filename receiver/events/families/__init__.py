"""One module for each kind of event; each exports its `FAMILY`, and no family imports another."""
