"""`Certificate`: what a data set certifies, and on which assumptions each number rests."""

from dataclasses import field, make_dataclass
from typing import Any

from qbell.certificates.registry import CHECKS, CLAIMS, DEPTHS, P_VALUES

_CLAIMS = [
    *((each.key, str, field(default="none")) for each in CLAIMS),
    ("provenance", str, field(default="raw")),
]
_CERTIFICATE = [
    *((each.key, Any) for each in CLAIMS),
    ("confidence", float),
    *((each.key, Any) for each in CHECKS),
    ("phase", float),
    ("notes", tuple[str, ...]),
    ("label", str),
    ("alpha", float),
    *((key, Any) for each in P_VALUES for key in each.beside),
    ("claims", Any),
    ("p_value_method", str, field(default="hoeffding")),
    ("learned", bool, field(default=False)),
    *((key, Any, field(default=None)) for each in DEPTHS for key in each.keys[1:]),
    ("depth_method", str, field(default="interval")),
]


class Claims(make_dataclass("Claims", _CLAIMS, frozen=True)):  # type: ignore[misc]
    """What kind of statement each number of a `Certificate` is.

    ``bell``: assumes no more than that settings were free and that no qubit learns of another's;
    the counts against quantum groups (bell_qubits, nonlocality_depth) also that groups obey
    quantum mechanics. Depths whose method is ``interval`` take shots, or jobs, as independent, too,
    of either kind of statement. ``witness``: trusts the measured directions too. ``none``: no
    statement, for a reason in the certificate's notes.

    Attributes:
        p_value, bell_qubits, ...: one for each p-value and depth of `qbell.certificates.registry`;
            what is not named is ``none``.
        provenance: of the counts: raw, heralded, mitigated or post-selected. Only raw and heralded
            counts support a statement of the kind ``bell``.
    """


class Certificate(make_dataclass("Certificate", _CERTIFICATE, frozen=True)):  # type: ignore[misc]
    """Statements about a data set, each with its error rate.

    Beside what is listed here there is one attribute for each `Statement` of
    `qbell.certificates.registry`, where its file says what it means: ``p_value`` and
    ``p_value_ratio``, ``bell_qubits``, ``nonlocality_depth``, ``no_signalling_depth``,
    ``svetlichny_depth``, ``entanglement_depth``, ``no_signalling_p``, ``settings_p``,
    ``quantum_p``, ``outcomes_p``, ``acceptance_p``. A depth of 1 (a count of 0) says that nothing
    is certified; a p-value of None that the data allow none (see ``notes``).

    Attributes:
        confidence: of the two-sided interval that the lower limit of E belongs to.
        phase, label: direction along which the p-value looks, and the correlator it and the depths
            are about; see `TestedCorrelator`.
        notes: reasons for what is missing, and warnings.
        alpha: error rate of the depths, (1 - confidence) / 2: each is too large with at most this
            probability.
        bell_qubits_p, ...: for each depth the p-value of all smaller ones together; None where none
            is certified, or where it comes from an interval.
        depth_method: how depths were found: ``test`` (drawn settings: holds at any number of draws,
            whatever the model remembers of earlier ones; several shots in a draw must not
            depend on each other) or ``interval`` (the lower limit of E,
            which takes shots, or jobs, as independent; all depths hold together unless it is
            wrong). The depth against groups of any boxes comes from the test in either case, which
            takes shots as independent where settings were not drawn.
        claims: `Claims`: which of the numbers are Bell statements and which are witnesses.
        p_value_method: of ``p_value``, fixed before the data: the one to quote. Quoting the smaller
            of ``p_value`` and ``p_value_ratio`` is a choice made after the data.
        learned: whether the direction was learnt, from shots that are not among the tested ones.
    """
