"""`mitigate`: the findings of a data set with readout errors corrected, by either method."""

from dataclasses import replace

import numpy as np

from qbell.conventions.alarm import ALARM
from qbell.errors import QbellError
from qbell.estimator.dispatch import Task
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.readout.readout_inverse import by_levels
from qbell.estimator.readout.readout_mthree import by_mthree
from qbell.mitigation.calibration import ReadoutCalibration
from qbell.shots.shots import Shots

METHODS = {"tensored": by_levels, "mthree": by_mthree}


def mitigate(task: Task, readout: ReadoutCalibration, method: str = "tensored") -> Findings:
    """The estimates of ``task`` with readout errors corrected by a calibration.

    What they are good for: a witness that trusts the calibration, never a Bell claim; label them
    with `as_mitigated`. Error bars hold the noise of the shots and of the calibration.

    Args:
        task: raw shots and how to estimate; its levels are not used.
        readout: the calibration, of the same qubits in the same order.
        method: ``tensored``: the inverse qubit by qubit; designs full and random, N <= 12.
            ``mthree``: the extra of that name corrects the counts of each setting within the
            observed outcomes, and is refused where too few were; design full, N <= 8.

    Raises:
        QbellError: an unknown method, a calibration of another number of qubits, a design or a size
            that the method does not have, mthree not installed.
    """
    if method not in METHODS:
        raise QbellError(f"mitigation {method!r}; use {' or '.join(METHODS)}")
    check_fits(task.shots, readout)
    found = METHODS[method](task, readout)
    return replace(found, readout_p=readout.p_value, notes=(*_notes(readout, method), *found.notes))


def _notes(readout: ReadoutCalibration, method: str) -> list[str]:
    """What the corrected numbers rest on; the worst first."""
    p_value, words = readout.p_value, len(np.unique(readout.prepared, axis=0))
    tested = f"{words} words, {int(readout.counts.sum())} shots, p = {p_value:.2g}"
    note = (
        f"readout errors are corrected ({method}), trusting the calibration: the numbers are "
        "mitigated and support no Bell claim"
    )
    if p_value < ALARM:
        return [
            f"the calibration shows that qubits are not read independently ({tested}), which the "
            "correction assumes: these numbers are not valid, intervals may miss the truth in most "
            "data sets, and nothing is certified; estimate the raw counts",
            note,
        ]
    return [
        note,
        "the correction assumes that each qubit is read wrongly independently of the others, in "
        f"the data as in the calibration, which does not contradict it ({tested}); what errors "
        "that go together would add is in no error bar",
    ]


def check_fits(shots: Shots, readout: ReadoutCalibration) -> None:
    """Refuse a calibration of other qubits."""
    if readout.num_qubits != shots.num_qubits:
        raise QbellError(
            f"the readout calibration has {readout.num_qubits} qubits and the shots have "
            f"{shots.num_qubits}; calibrate the qubits that were measured, in the same order"
        )


def as_mitigated(shots: Shots) -> Shots:
    """The same shots, labelled mitigated: what estimates from them must carry.

    Raises:
        QbellError: they are not raw; a correction on top of another would be wrong.
    """
    if shots.provenance != "raw":
        raise QbellError(
            f"the shots are {shots.provenance} already; readout correction needs raw counts: leave "
            "the calibration out, or give the raw table"
        )
    return replace(shots, provenance="mitigated")
