"""Traces through OpenTelemetry, for those who ask for them; nothing else needs this package."""
