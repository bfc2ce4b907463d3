"""What is said of the certificate beside a spec, or without one, as on the command line."""

from dataclasses import dataclass
from typing import Any

from qbell.campaigns.spec import Spec
from qbell.campaigns.spec_tables import (
    LEARN,
    LEAST_HELD_OUT,
    MOST_HELD_OUT,
    checked_label,
    checked_phase,
)
from qbell.errors import QbellError
from qbell.util.checks import finite_number


@dataclass(frozen=True)
class Said:
    """Arguments of `qbell.estimate` on the tested correlator and on jobs; None is not said.

    Attributes:
        label: a sign for each qubit, or ``learn``.
        phase: in radians, or ``learn``; a number may come as text.
        held_out: share of the shots to learn from.
        by_jobs: error bars from the scatter between jobs.
    """

    label: str | None = None
    phase: float | str | None = None
    held_out: float | None = None
    by_jobs: bool | None = None

    def checked(self, num_qubits: int, spec: Spec | None) -> dict[str, Any]:
        """What was said, as arguments of `qbell.estimate`.

        Raises:
            QbellError: a value out of range, or a share to learn from where nothing is learnt.
        """
        found: dict[str, Any] = {}
        if self.label is not None:
            found["label"] = checked_label(self.label, num_qubits, "--label")
        if self.phase is not None:
            found["phase"] = checked_phase(_number(self.phase), "--phase")
        if self.held_out is not None:
            share = finite_number("--held-out", self.held_out)
            if not LEAST_HELD_OUT <= share <= MOST_HELD_OUT:
                raise QbellError(
                    f"--held-out {share}; give a share of the shots from {LEAST_HELD_OUT} to "
                    f"{MOST_HELD_OUT}"
                )
            label = found.get("label", spec.label if spec else None)
            phase = found.get("phase", spec.phase if spec else None)
            if LEARN not in (label, phase):
                raise QbellError(
                    f"--held-out {share} is the share of the shots to learn from, but nothing is "
                    "learnt; leave it out, or say --label learn or --phase learn"
                )
            found["held_out"] = share
        if self.by_jobs is not None:
            found["by_jobs"] = self.by_jobs
        return found


def _number(phase: float | str) -> float | str:
    """Text as a number where it is one."""
    try:
        return float(phase)
    except ValueError:
        return phase
