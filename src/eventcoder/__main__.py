"""`python -m eventcoder` is the command line."""

from eventcoder.cli import main

main()
