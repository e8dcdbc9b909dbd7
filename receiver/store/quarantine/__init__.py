"""The quarantine: refused notifications with their bytes, within bounds."""
