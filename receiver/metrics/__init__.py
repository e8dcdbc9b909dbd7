"""Every metric, declared once, and what a scrape reads."""
