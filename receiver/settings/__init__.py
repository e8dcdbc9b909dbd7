"""Every setting with its unit, meaning and default; imports nothing above the ground."""
