"""Do the estimates keep to what quantum mechanics allows? Else data and settings do not match."""

from dataclasses import dataclass

from qbell.certificates.statement import Check, Evidence, Numbers
from qbell.conventions.alarm import ALARM


@dataclass(frozen=True, kw_only=True)
class QuantumP(Check):
    """`qbell.estimator.quantum_limits.quantum_p` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """As found with the estimates."""
        return {self.key: evidence.quantum_p}, ""


QUANTUM_P = QuantumP(
    key="quantum_p",
    label="p-value of quantum limits",
    says="A test that no E_s is above 1/4, and neither the bound nor F0 above N^2, which holds in "
    f"every quantum state. Below {ALARM} the data are not what they are said to be, and nothing is "
    "certified.",
)
