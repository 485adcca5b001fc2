"""`python -m etl` is `webscale-rl`."""

from etl.cli import main

main()
