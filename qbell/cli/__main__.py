"""``python -m qbell.cli``: the command line without the installed script."""

from qbell.cli import main

if __name__ == "__main__":
    main()
