"""Where the tests find what is not code."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
DOCS = ROOT / "docs"
