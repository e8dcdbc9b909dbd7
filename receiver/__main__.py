"""`python -m receiver`: the same as the `receiver` command."""

from receiver.cli.main import main

main()
