"""`Certificate`: what a data set certifies, and on which assumptions each number rests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claims:
    """What kind of statement each number of a `Certificate` is.

    ``bell``: assumes no more than that settings were free and that no qubit learns of another's;
    the counts against quantum groups (bell_qubits, nonlocality_depth) also that groups obey
    quantum mechanics. ``witness``: trusts the measured directions too. ``none``: no statement, for
    a reason in the certificate's notes.

    Attributes:
        p_value, bell_qubits, nonlocality_depth, no_signalling_depth: bell or none.
        entanglement_depth: witness or none.
        provenance: of the counts: raw, mitigated or post-selected. Only raw counts support a
            statement of the kind ``bell``.
    """

    p_value: str = "none"
    bell_qubits: str = "none"
    nonlocality_depth: str = "none"
    no_signalling_depth: str = "none"
    entanglement_depth: str = "none"
    provenance: str = "raw"


@dataclass(frozen=True)
class Certificate:
    """Statements about a data set, each with its error rate.

    Attributes:
        p_value: upper limit on the probability of such data under local realism, also with memory,
            by the inequality of Hoeffding; None where the data allow no such statement (see
            ``notes``). This method is fixed before the data, and is the one to quote.
        bell_qubits, nonlocality_depth, no_signalling_depth, entanglement_depth: see `Depths`; from
            the lower limit of E_{N,0}, or of E of the direction's label.
        confidence: of the two-sided interval that the lower limit belongs to.
        no_signalling_p: p-value of the hypothesis that no qubit's marginal depends on others'
            settings, corrected for the number of tests; None where settings do not allow to
            compare. Below 0.001 the data signal, and no Bell statement is made.
        settings_p: p-value of the hypothesis that random settings were drawn uniformly and
            independently, corrected likewise; None for designs that draw none. Below 0.001 nothing
            is certified: the estimates rest on it.
        phase, label: direction along which the p-value looks, and the correlator it and the depths
            are about; see `TestedCorrelator`.
        notes: reasons for what is missing, and warnings.
        alpha: error rate of the depths, (1 - confidence) / 2: all of them rest on one lower limit,
            and all hold together unless it is wrong. That limit takes shots as independent.
        p_value_ratio: the same as ``p_value`` by a test martingale (a prediction-based ratio),
            usually smaller. Quoting the smaller of the two is a choice made after the data.
        p_value_method: of ``p_value``.
        learned: whether the direction was learnt, from shots that are not among the tested ones.
        claims: which of the numbers are Bell statements and which are witnesses.
    """

    p_value: float | None
    bell_qubits: int
    nonlocality_depth: int
    no_signalling_depth: int
    entanglement_depth: int
    confidence: float
    no_signalling_p: float | None
    settings_p: float | None
    phase: float
    notes: tuple[str, ...]
    label: str
    alpha: float
    p_value_ratio: float | None
    claims: Claims
    p_value_method: str = "hoeffding"
    learned: bool = False
