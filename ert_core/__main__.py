"""`python -m ert_core`: ingest, search, ask, eval and doctor."""

import sys

from ert_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
