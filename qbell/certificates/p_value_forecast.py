"""The p-value against local realism that a campaign can expect at any number of shots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qbell.certificates.local_realism import local_realism
from qbell.certificates.phase_test import PhaseTest, phase_test, pooled
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.shots.shots import Shots

CLEAR = 2.0  # standard errors that the mean must be above the limit to say how many shots it takes


@dataclass(frozen=True)
class LocalRealismOutlook:
    """The distribution of x_i = Re(e^(i phase) prod_k x_k w_k) in pilots: an `Outlook`.

    Attributes:
        test: of all pilots' shots together.
        limit: largest Re(e^(i phase) c) under local realism.
        phase: of x.
    """

    test: PhaseTest
    limit: float
    phase: float

    @property
    def unclear(self) -> str:
        """Why no number of shots is known to refute local realism; empty if one is."""
        most = self.test.most(self.limit)
        if self.test.mean - most > CLEAR * self.test.error:
            return ""
        return (
            f"the expected mean {self.test.mean:.3g} is not clearly above the local limit "
            f"{most:.3g} along phase {self.phase:.3g}: no number of shots is known to refute "
            "local realism"
        )

    @property
    def p_values(self) -> Mapping[str, Callable[[int], float]]:
        """By either method."""
        return {"p_value": self.hoeffding, "p_value_ratio": self.ratio}

    def hoeffding(self, trials: int) -> float:
        """P-value where the mean comes out as expected; about the median over data sets."""
        return self.test.scaled(trials).hoeffding(self.limit)

    def ratio(self, trials: int) -> float:
        """The same of the test martingale, where every value comes as often as expected."""
        return self.test.scaled(trials).ratio(self.limit)


def local_realism_outlook(
    pilots: Sequence[Shots], direction: TestedCorrelator
) -> tuple[LocalRealismOutlook | None, str]:
    """The distribution of x in pilots, or None and the reason why the design allows no p-value."""
    test, reason = local_realism(pilots[0], direction)
    if test is None:
        return None, reason
    limit = pilots[0].rules.local_limit(direction.num_qubits, direction.phase)
    every = pooled([phase_test(shots, direction) for shots in pilots])
    return LocalRealismOutlook(every, limit, direction.phase), ""
