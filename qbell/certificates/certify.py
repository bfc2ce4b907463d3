"""`certify`: which statements a data set supports, by its design, its provenance and its tests."""

from collections.abc import Mapping
from typing import Any

from qbell.certificates.acceptance import ACCEPTANCE_P
from qbell.certificates.certificate import Certificate, Claims
from qbell.certificates.chance_outcomes import OUTCOMES_P
from qbell.certificates.no_signalling import NO_SIGNALLING_P
from qbell.certificates.off_phase import off_phase
from qbell.certificates.phase_test import phase_test, why_no_phase_test
from qbell.certificates.quantum_limits import QUANTUM_P
from qbell.certificates.random_settings import SETTINGS_P
from qbell.certificates.registry import CHECKS, CLAIMS
from qbell.certificates.reversed_bits import reversed_bits_note
from qbell.certificates.statement import Evidence, p_equals
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.conventions.alarm import ALARM
from qbell.errors import QbellError
from qbell.shots.flagged import HERALDED
from qbell.shots.shots import Shots

OF_HERALDED = (
    "heralded: claims are about accepted shots, and assume that the flags, read before the "
    "settings act, learn nothing of them"
)


# Whatever is below the alarm here contradicts the data: nothing holds of them.
CONTRADICTIONS = (SETTINGS_P, QUANTUM_P, OUTCOMES_P, ACCEPTANCE_P)


def certify(
    shots: Shots,
    e_low: float | None,
    confidence: float,
    *,
    direction: TestedCorrelator | None = None,
    learned: bool = False,
    phase: float | None = None,
    quantum_p: float | None = None,
    readout_p: float | None = None,
) -> Certificate:
    """Certificate of a data set, given the lower limit of E of all qubits.

    What may be claimed is the design's to say (`qbell.designs`): a Bell test supports every
    statement; a witness only the entanglement depth, which trusts the measured directions; any
    other design none. Mitigated, post-selected and signalling data make no Bell claim: only the
    entanglement depth is kept. Data that contradict what they are said to be, and those whose
    acceptance by flags depends on the settings, certify nothing.

    Args:
        shots: the data that ``e_low`` was estimated from.
        e_low: lower end of the two-sided interval for E of the direction's label, so that it lies
            above the truth with probability (1 - confidence) / 2 at most; None if that E was not
            measured.
        confidence: of that interval.
        direction: correlator and phase that the p-value looks at: fixed before the data were seen,
            or learnt on others, see `qbell.certificates.held_out`. All + and phase 0 if None.
        learned: the direction was learnt on held-out shots (which are not among ``shots``).
        phase: short for a direction with this phase and all +.
        quantum_p: p-value of "no estimate is above what quantum mechanics allows"; None if they
            were not compared.
        readout_p: p-value of what a correction of the readout assumes; None if there is none.

    Raises:
        QbellError: the direction is of another number of qubits, or both it and a phase are given.
    """
    if direction is None:
        direction = TestedCorrelator("+" * shots.num_qubits, 0.0 if phase is None else phase)
    elif phase is not None:
        raise QbellError(f"phase = {phase} beside a direction, which has its own; give one of them")
    test = None if why_no_phase_test(shots) else phase_test(shots, direction)
    why_no_e = _why_no_depth(shots, e_low)
    evidence = Evidence(shots, direction, confidence, e_low, why_no_e, quantum_p, test)
    numbers: dict[str, Any] = {}
    found_in: dict[str, str] = {}
    for check in CHECKS:
        found, found_in[check.key] = check.certify(evidence)
        numbers.update(found)
    signalling = numbers[NO_SIGNALLING_P.key]
    no_bell = _why_no_bell(shots, signalling, found_in[NO_SIGNALLING_P.key])
    nothing = _why_nothing(numbers, found_in, readout_p)
    claims, missing = {}, []
    for statement in CLAIMS:
        found, reason = statement.certify(evidence)
        spoiled = nothing or (no_bell and statement.claim == "bell")
        numbers.update(statement.absent if reason or spoiled else found)
        claims[statement.key] = "none" if reason or spoiled else statement.claim
        missing.append(reason)
    mirrored = reversed_bits_note(shots, signalling)
    untested = [] if signalling is not None else [_why_untested(shots)]
    off = [] if nothing else off_phase(evidence, numbers)
    heralded = [] if no_bell or shots.provenance != HERALDED else [OF_HERALDED]
    reasons = filter(None, [*missing, *no_bell, *mirrored, *nothing, *untested, *off, *heralded])
    return Certificate(
        **numbers,
        confidence=confidence,
        alpha=(1 - confidence) / 2,
        phase=direction.phase,
        label=direction.label,
        learned=learned,
        claims=Claims(**claims, provenance=shots.provenance),
        depth_method="test" if test is not None and test.drawn else "interval",
        notes=tuple(dict.fromkeys(reasons)),
    )


def contradicted(certificate: Certificate) -> bool:
    """Whether the data contradict their design, quantum mechanics or chance."""
    found = (getattr(certificate, check.key) for check in CONTRADICTIONS)
    return any(p_value is not None and p_value < ALARM for p_value in found)


def _why_no_depth(shots: Shots, e_low: float | None) -> str:
    """Why no limit of E of all qubits can be had from these data; empty if it can."""
    kind = shots.rules
    if kind.no_depth_reason:
        return kind.no_depth_reason
    measured = kind.measures_all_qubits(shots.num_settings, shots.order, shots.num_qubits)
    if not measured or e_low is None:
        return f"E of all {shots.num_qubits} qubits was not measured: no depth is certified"
    return ""


def _why_no_bell(shots: Shots, signalling: float | None, found_in: str) -> list[str]:
    """Why no Bell statement stands."""
    reasons = []
    if shots.rules.no_bell_reason:
        reasons.append(
            f"{shots.rules.no_bell_reason}: no Bell claim, only the entanglement depth, a "
            "witness that trusts the measured directions"
        )
    if signalling is not None and signalling < ALARM:
        reasons.append(
            f"signalling found (no-signalling {p_equals(signalling)}, in {found_in}): outcomes "
            "depend on other qubits' settings, so no Bell claim is made (outcomes that drift while "
            "settings are measured one after the other look the same)"
        )
    if shots.treated:
        reasons.append(f"{shots.treated} data support no Bell claim, only a witness")
    if shots.treated and shots.flagged is not None:
        reasons.append(
            "shots were chosen by flags that are not known to be read before the settings acted: "
            "to take those accepted for all is to assume that they are a fair sample; without the "
            "flags all shots together may make a Bell claim (Shots.with_rejected)"
        )
    if shots.provenance == HERALDED and shots.flagged is None:
        reasons.append(
            "heralded, but the rejected shots are not there, so that nothing can test whether "
            "acceptance depends on the settings: no Bell claim; give all shots, with a column flags"
        )
    return reasons


def _why_nothing(
    numbers: Mapping[str, Any], found_in: Mapping[str, str], readout_p: float | None
) -> list[str]:
    """How the data contradict their design, quantum mechanics, chance or their correction."""
    uniform, quantum_p, chance, acceptance = (numbers[check.key] for check in CONTRADICTIONS)
    reasons = []
    if acceptance is not None and acceptance < ALARM:
        reasons.append(
            f"acceptance depends on the setting ({p_equals(acceptance)}, in "
            f"{found_in[ACCEPTANCE_P.key]}): accepted shots of different settings are of different "
            "states, and nothing is certified (acceptance that drifts while settings are measured "
            "one after the other looks the same)"
        )
    if uniform is not None and uniform < ALARM:
        reasons.append(
            f"the settings were not drawn uniformly and independently ({p_equals(uniform)}, in "
            f"{found_in[SETTINGS_P.key]}), as the design assumes: its estimates are not valid, and "
            "nothing is certified"
        )
    if quantum_p is not None and quantum_p < ALARM:
        reasons.append(
            "estimates lie above what quantum mechanics allows, E_s above 1/4 or the bound or F0 "
            f"above N^2 ({p_equals(quantum_p)}): nothing is certified; likely settings and counts "
            "do not belong together (another order of qubits, X and Y exchanged on some, settings "
            "that were not applied), settings were not drawn as said, or counts were processed"
        )
    if chance is not None and chance < ALARM:
        reasons.append(
            f"outcomes did not come by chance, anew in every shot ({p_equals(chance)}), in "
            f"{found_in[OUTCOMES_P.key]}; error bars do not hold, and nothing is certified"
        )
    if readout_p is not None and readout_p < ALARM:
        reasons.append(
            f"qubits are not read independently (p = {readout_p:.2g}), as the correction of the "
            "readout assumes: its estimates are not valid, and nothing is certified"
        )
    return reasons


def _why_untested(shots: Shots) -> str:
    return shots.rules.no_signalling_reason or (
        "signalling not tested: too few settings to compare"
    )
