"""`receiver credential`: the life cycle of bearer tokens; a token is shown once, stored never."""
