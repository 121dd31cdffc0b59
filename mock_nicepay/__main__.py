"""`python -m mock_nicepay` is the command `mock-nicepay`."""

import sys

from mock_nicepay.front.command.cli import main

if __name__ == "__main__":
    sys.exit(main())
