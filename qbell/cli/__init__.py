"""The command line. It only translates: words into calls, results into text."""

from qbell.cli import ctrl_c

__all__ = ["main"]


def main() -> None:
    """Entry point of ``qbell`` and ``python -m qbell.cli``: sees to Ctrl-C before all else."""
    ctrl_c.at_once()
    from qbell.cli.app import run

    run()
