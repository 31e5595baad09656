"""`python -m symnorm`: the same as the command `symnorm`."""

import sys

from symnorm.cli import main

if __name__ == "__main__":
    sys.exit(main())
