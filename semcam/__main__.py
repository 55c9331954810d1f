"""`python -m semcam` is the same as the `semcam` command."""

from semcam.cli import main

main()
