"""The way of a notification without HTTP: modes, understanding, group commit, reprocessing."""
