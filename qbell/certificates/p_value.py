"""The p-value against local realism, as a `Statement`; the test itself is `local_realism`."""

from collections.abc import Sequence
from dataclasses import dataclass

from qbell.certificates.local_realism import local_realism
from qbell.certificates.p_value_forecast import local_realism_outlook
from qbell.certificates.statement import MISSING, Evidence, Numbers, Outlook, PValue, p_text
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.shots.shots import Shots


@dataclass(frozen=True, kw_only=True)
class LocalRealismP(PValue):
    """By the inequality of Hoeffding, the one to quote, and by a test martingale beside it."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """Both p-values of shots in fresh random settings."""
        test, reason = local_realism(evidence.shots, evidence.direction)
        if test is None:
            return self.absent, reason
        return {"p_value": test.hoeffding, "p_value_ratio": test.ratio}, ""

    def outlook(
        self, pilots: Sequence[Shots], direction: TestedCorrelator
    ) -> tuple[Outlook | None, str]:
        """From the distribution of x in the pilots."""
        return local_realism_outlook(pilots, direction)

    def text(self, numbers: Numbers, num_qubits: int, percent: str) -> str:
        """Both, with their methods."""
        if numbers["p_value"] is None:
            return MISSING
        return (
            f"{p_text(numbers['p_value'])} (Hoeffding), {p_text(numbers['p_value_ratio'])} (ratio)"
        )


P_VALUE = LocalRealismP(
    key="p_value",
    beside=("p_value_ratio",),
    anytime=("p_value_ratio",),
    label="p-value under local realism",
    says="Under local realism, data that speak against it so clearly have at most this "
    "probability, also if the model remembers all earlier shots. Assumed: settings were random and "
    "no qubit learns of another's. The p-value by Hoeffding is the one to quote.",
    claim="bell",
)
