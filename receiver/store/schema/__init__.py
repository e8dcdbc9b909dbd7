"""The schema: revisions and their application, partitions, the installation row."""
