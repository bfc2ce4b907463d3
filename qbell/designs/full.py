"""The full design: all 2^N settings."""

import numpy as np

from qbell.designs.base import Design, Directions, Observed, is_full
from qbell.errors import QbellError

MAX_FULL_QUBITS = 12


class Full(Design):
    """All 2^N words of X and Y, from XX..X to YY..Y, each with the same shots."""

    name = "full"
    looks = "all 2^N words of X and Y"
    says = (
        "Every correlator from two settings a qubit; settings repeat in blocks, so depths assume "
        "that shots are independent, and there is no p-value that allows for memory."
    )
    estimator = "tensor"
    claim = "bell"
    measures_e_n = True
    measures_bound = True
    mitigation = ("tensored", "mthree")

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        if num_qubits > MAX_FULL_QUBITS:
            raise QbellError(
                f"a full design of n = {num_qubits} has 2^{num_qubits} settings, more than this "
                f"machine should measure (n <= {MAX_FULL_QUBITS}); use design random"
            )
        index = np.arange(2**num_qubits)[:, None]
        return (index >> np.arange(num_qubits) & 1).astype(np.uint8)

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """All."""
        return num_qubits

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        if observed.num_draws is None and observed.is_full and (observed.equal_shots or 0) > 1:
            return "inferred: all settings are there with equal shots"
        return ""

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[None, tuple[str, ...]]:
        """See `Design.check_settings`."""
        if not is_full(settings):
            raise QbellError(
                f"{name}: {len(settings)} of the 2^{settings.shape[1]} settings of a full design "
                "have shots; measure the missing ones, or give design random if they were drawn"
            )
        return None, ()
