"""The door for readers: devices and events."""
