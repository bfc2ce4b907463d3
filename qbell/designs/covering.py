"""The covering design: few settings for all correlators of up to K qubits."""

from collections.abc import Mapping
from math import comb
from typing import Any

import numpy as np

from qbell.conventions.labels import SETTING_LETTERS
from qbell.designs.base import Claim, Design, Directions, is_full
from qbell.errors import QbellError
from qbell.util.checks import whole_number

MOST_INFERRED_ORDER = 4
MOST_SUBSETS = 10**7  # of qubits, looked through to infer an order


class Covering(Design):
    """A binary covering array of strength K: any K qubits are measured in all 2^K patterns."""

    name = "covering"
    looks = "a few words of X and Y in which any K qubits have all 2^K patterns"
    says = (
        "Correlators of up to K qubits and their part of the bound, trusting the measured "
        "directions; E of all qubits only if K = N."
    )
    estimator = "low_orders"
    claim = "witness"
    needs_order = True
    measures_e_n = True
    no_bell_reason = ""  # without all settings there is no E of all qubits to claim anything of

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        from qbell.covering import covering_array

        return covering_array(num_qubits, order)

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[int, tuple[str, ...]]:
        """The order that the settings cover: as said and verified, or the largest there is.

        Without ``order``, orders up to 4 are looked at, and N if all 2^N settings are there.
        """
        from qbell.covering import missing_pattern, strength

        num_qubits = settings.shape[1]
        if order is not None:
            order = whole_number(f"{name}: order", order, least=1, most=num_qubits)
            if is_full(settings):
                return order, ()
            missing = missing_pattern(settings, order)
            if missing is not None:
                raise QbellError(
                    f"{name}: the settings do not cover order {order}: {_words(missing)} is in "
                    "none of them; measure one that has it, or give a smaller order"
                )
            return order, ()
        if is_full(settings):
            largest, beyond = num_qubits, ""
        else:
            most = min(MOST_INFERRED_ORDER, num_qubits)
            while most > 1 and comb(num_qubits, most) > MOST_SUBSETS:
                most -= 1
            largest = strength(settings, most)
            beyond = "; higher ones were not looked for" if largest == most < num_qubits else ""
        if largest == 0:
            missing = missing_pattern(settings, 1)
            absent = "" if missing is None else f": {_words(missing)} is in none of them"
            raise QbellError(
                f"{name}: the settings cover no order{absent}; every qubit must be measured along "
                "X and along Y"
            )
        return largest, (f"order {largest}, inferred: the largest that the settings cover{beyond}",)

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """See `Design.word_qubits`: the order."""
        return order or 0

    def claim_of(self, num_settings: int, num_qubits: int) -> Claim:
        """With all 2^N settings it is a full design."""
        return "bell" if num_settings == 2**num_qubits else "witness"

    def measures_all_qubits(self, num_settings: int | None, order: int | None, n: int) -> bool:
        """See `Design.measures_all_qubits`: with all settings, or planned with order N."""
        return (order or 0) >= n if num_settings is None else num_settings == 2**n

    def expected_bound(self, exact: Mapping[str, Any], order: int | None) -> float | None:
        """The terms of up to ``order`` qubits."""
        return float(sum(exact["bound_by_order"][: (order or 0) + 1]))

    def bound_title(self, order: int | None, num_qubits: int) -> str:
        """See `Design.bound_title`."""
        if order is not None and order < num_qubits:
            return f"QFI bound, Eq. 24 to order {order}"
        return self.bound_name

    @property
    def bound_key(self) -> str:
        """The exact terms of up to ``order`` qubits."""
        return "bound_to_order"


def _words(missing: tuple[object, object]) -> str:
    """A pattern that no setting has, in words."""
    qubits, pattern = (np.asarray(part).astype(int).tolist() for part in missing)
    letters = ", ".join(SETTING_LETTERS[value] for value in pattern)
    return f"{letters} on qubits {', '.join(map(str, qubits))}"
