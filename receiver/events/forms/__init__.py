"""The forms in which a notification arrives; each is lifted to the same `Envelope`."""
