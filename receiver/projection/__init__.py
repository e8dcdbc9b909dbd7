"""Answers that are derived from events: pure folds, which specify them, and what keeps them."""
