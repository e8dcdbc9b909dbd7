"""The door for operations: liveness, readiness, metrics."""
