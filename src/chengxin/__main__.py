"""`python -m chengxin`: the command line without an installed script."""

import sys

from chengxin.cli import main

if __name__ == "__main__":
    sys.exit(main())
