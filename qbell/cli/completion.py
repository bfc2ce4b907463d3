"""What a shell offers after Tab, where it is not a file: `qbell --install-completion`."""


def families(incomplete: str) -> list[str]:
    """Families of states.

    >>> families("gr")
    ['graph']
    """
    from qbell.states import FAMILIES

    return [name for name in FAMILIES if name.startswith(incomplete)]


def designs(incomplete: str) -> list[str]:
    """Designs, see `qbell schedule --help`."""
    from qbell.designs import DESIGNS

    return [name for name in DESIGNS if name.startswith(incomplete)]
