"""`python -m lanecrypt.cli`: the command line without its entry point."""

import sys

from lanecrypt.cli import main

sys.exit(main())
