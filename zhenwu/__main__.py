"""`python -m zhenwu` is the `zhenwu` command."""

from zhenwu.cli import main

main()
