"""The cases of a run, one module for each part of what is asked of a sink."""
