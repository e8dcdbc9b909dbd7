"""Who calls, and may they: tokens, roles, rates, failed attempts."""
