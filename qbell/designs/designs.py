"""The designs: which settings are measured, how they are written, and what they may claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import SETTING_LETTERS, strings
from qbell.errors import QbellError

MAX_EQUATORIAL_QUBITS = 200  # the index of an angle is stored in 8 bits


@dataclass(frozen=True)
class Design:
    """A way to choose settings.

    Attributes:
        name: as in specs, files and on the command line.
        looks: what a setting looks like in text.
        claim: ``bell`` (may refute local realism: two settings a qubit, chosen freely), ``witness``
            (trusts that every qubit is measured along the direction named), or ``assumption``
            (rests on a symmetry of the state that the data do not show).
        says: one sentence on what may be claimed.
        drawn: True if each setting is an independent random draw.
        default_shots: of each setting or draw.
    """

    name: str
    looks: str
    claim: str
    says: str
    drawn: bool
    default_shots: int


def _listed(*designs: Design) -> Mapping[str, Design]:
    return MappingProxyType({design.name: design for design in designs})


DESIGNS: Mapping[str, Design] = _listed(
    Design(
        "full",
        "all 2^N words of X and Y",
        "bell",
        "Every correlator from two settings a qubit; measured in blocks, so without a p-value "
        "against models with memory.",
        drawn=False,
        default_shots=1000,
    ),
    Design(
        "random",
        "words of X and Y, each letter drawn anew",
        "bell",
        "Every correlator from two settings a qubit; with one shot a draw also a p-value against "
        "local realism, memory included.",
        drawn=True,
        default_shots=1,
    ),
    Design(
        "random3",
        "words of X, Y and Z, each letter drawn anew",
        "witness",
        "Every correlator, and F0 of Eq. (12) itself, trusting three measured directions; not a "
        "two-setting Bell test.",
        drawn=True,
        default_shots=1,
    ),
    Design(
        "covering",
        "a few words of X and Y: every choice of K qubits sees all 2^K patterns",
        "witness",
        "Correlators of up to K qubits, so a lower part of the bound, trusting the measured "
        "directions; E of all qubits only if K = N.",
        drawn=False,
        default_shots=1000,
    ),
    Design(
        "equatorial",
        "j/(N+1): all qubits along cos(a) sigma_1 + sin(a) sigma_2, a = pi j/(N+1), j = 0..N",
        "witness",
        "E of all qubits from N + 1 settings, trusting that all qubits are measured along one "
        "angle; not a two-setting Bell test.",
        drawn=False,
        default_shots=1000,
    ),
    Design(
        "symmetric",
        "N + 1 words, one for each number of letters Y",
        "assumption",
        "Every correlator from N + 1 settings, assuming that the state does not change when qubits "
        "are exchanged.",
        drawn=False,
        default_shots=1000,
    ),
)


def find_design(name: object) -> Design:
    """The design of a name, or a `QbellError`."""
    if not isinstance(name, str) or name not in DESIGNS:
        raise QbellError(design_problem(name))
    return DESIGNS[name]


def azimuths(design: str, directions: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Angle of every measured direction from sigma_1 towards sigma_2; NaN along sigma_xi.

    Shape as ``directions``: (rows, N). Letters X, Y, Z are 0, pi/2, NaN; in the equatorial design
    direction j is pi j/(N+1).

    >>> azimuths("random3", np.array([[0, 1, 2]], dtype=np.uint8)).tolist()
    [[0.0, 1.5707963267948966, nan]]
    """
    angles: NDArray[np.float64] = (
        directions * (np.pi / (directions.shape[1] + 1))
        if design == "equatorial"
        else np.array([0.0, np.pi / 2, np.nan])[directions]
    )
    return angles


def spell(design: str, directions: NDArray[np.uint8]) -> NDArray[np.str_]:
    """(rows,) each setting as text: letters with qubit 0 last, or j/(N+1) if equatorial.

    >>> spell("equatorial", np.array([[3] * 6], dtype=np.uint8)).tolist()
    ['3/7']
    """
    if design == "equatorial":
        words = [f"{index}/{directions.shape[1] + 1}" for index in range(directions.shape[1] + 1)]
        return np.array(words)[directions[:, 0]]
    return strings(directions, SETTING_LETTERS)


def design_problem(design: object) -> str:
    """Why ``design`` cannot be used: the text of an error."""
    *most, last = DESIGNS
    return f"design {design!r} is unknown; use {', '.join(most)} or {last}"
