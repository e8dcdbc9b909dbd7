"""What `receiver conformance` is made of: cases, what asks for them, sending, and the reports."""
