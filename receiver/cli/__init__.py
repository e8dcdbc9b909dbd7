"""The command line: one file per command, arguments in, words and exit status out; no logic."""
