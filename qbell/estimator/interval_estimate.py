"""One estimated number with everything that must go with it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A number, its standard error and its confidence interval.

    Attributes:
        value: unbiased, so it may lie below 0 where the true value is near 0.
        standard_error: its standard deviation.
        low, high: two-sided interval, at 0 or above. It has two equal tails far from 0 and one
            tail at 0 (Feldman and Cousins), so that it covers as stated everywhere.
        confidence: of the interval, and of each limit.
        degenerate: True where a fifth of the variance or more comes from the allowance for
            unobserved outcomes, because the data hardly scatter, or for draws, because settings
            came too seldom; the interval is then conservative.
        lower_limit, upper_limit: one-sided limits, each for itself.
        provenance: raw, heralded, mitigated or post-selected.

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=500, seed=1)
    >>> e_n = qbell.estimate(shots).e_n
    >>> e_n.low <= 0.25 <= e_n.high, e_n.confidence
    (True, 0.95)
    """

    value: float
    standard_error: float
    low: float
    high: float
    confidence: float
    degenerate: bool = False
    lower_limit: float = math.nan
    upper_limit: float = math.nan
    provenance: str = "raw"


@dataclass(frozen=True)
class Tangent(Estimate):
    """An estimate of 2 F0 / tau - b / tau^2, at most K1 = F0^2 / b, at a fixed tau.

    Attributes:
        tau: learnt on shots that the estimate does not use.

    >>> Tangent(10.5, 1.05, 8.4, 12.6, 0.95, tau=0.8).tau
    0.8
    """

    tau: float = math.nan


@dataclass(frozen=True)
class MomentBound(Estimate):
    """An estimate of 2 <i[M, h]> - <(M - M_0)^2>, at most <i[M, h]>^2 / Var M and the QFI.

    Attributes:
        span: the kinds of operators that M is made of, in letters X = sigma_1, Y = sigma_2 and
            Z = sigma_xi.
        words: the operators, as words of I, X, Y and Z; qubit 0 last.
        coefficients: of each in M, learnt on shots that the estimate does not use.
        offset: M_0.

    >>> MomentBound(3.9, 0.1, 3.7, 4.1, 0.95, span="Y", words=("IY", "YI")).words[0]
    'IY'
    """

    span: str = ""
    words: tuple[str, ...] = ()
    coefficients: tuple[float, ...] = ()
    offset: float = 0.0


@dataclass(frozen=True)
class Squeezing(Estimate):
    """Wineland's parameter xi^2 = N Var(J_perp) / |<J>|^2 in the plane of sigma_1 and sigma_2.

    N / xi^2 is the moment bound of the collective spin: below 1, the state is entangled.

    Attributes:
        angle: of the mean spin from sigma_1 towards sigma_2, in radians, learnt as M is.

    >>> Squeezing(0.5, 0.1, 0.3, 0.7, 0.95).angle
    0.0
    """

    angle: float = 0.0


def q_of(e_n: Estimate, num_qubits: int) -> Estimate:
    """Q = log2(2^N E_{N,0}) with the interval of E_{N,0}: above 0, the state is nonlocal.

    -inf where E_{N,0} or its limit is not above 0; GHZ has N - 2.

    >>> q_of(Estimate(0.25, 0.01, 0.23, 0.27, 0.95), 4).value
    2.0
    """

    def q(e: float) -> float:
        return num_qubits + math.log2(e) if e > 0 else -math.inf

    error = math.inf if e_n.value <= 0 else e_n.standard_error / (e_n.value * math.log(2))
    return Estimate(
        value=q(e_n.value),
        standard_error=error,
        low=q(e_n.low),
        high=q(e_n.high),
        confidence=e_n.confidence,
        degenerate=e_n.degenerate,
        lower_limit=q(e_n.lower_limit),
        upper_limit=q(e_n.upper_limit),
        provenance=e_n.provenance,
    )
