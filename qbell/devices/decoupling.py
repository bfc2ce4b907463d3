"""Dynamical decoupling: the sequences of pulses on waiting qubits that IBM's Sampler knows."""

from qbell.errors import QbellError

SEQUENCES = ("XX", "XpXm", "XY4")


def check_sequence(name: object) -> None:
    """Refuse a sequence that is not one of these, or None for no pulses.

    Raises:
        QbellError: another name.
    """
    if name not in (None, *SEQUENCES):
        raise QbellError(
            f"dynamical_decoupling {name!r} is unknown; use one of {', '.join(SEQUENCES)}, or none"
        )
