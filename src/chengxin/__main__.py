"""`python -m chengxin`: the command line without an installed script."""

from chengxin.cli import main

if __name__ == "__main__":
    main()
