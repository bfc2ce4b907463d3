"""Estimates of campaigns in parts, whose number may have been chosen by looking at the data.

An interval at a fixed number of shots is wrong more often than stated if that number depends on the
data. So all shots of K parts together are estimated at confidence 1 - (1 - confidence) 2^-K: that
all that was reported after 1, 2, ... parts is right then has probability ``confidence`` at least,
if it depends on the data whether a part was added, but not how large it is. What is certified is
combined in `qbell.certificates.parts`, and needs no such condition.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.certificate import Certificate
from qbell.certificates.parts import combined, shares_of
from qbell.errors import QbellError
from qbell.estimator.interval_estimate import Estimate, q_of
from qbell.estimator.result import PartOfResult, Result
from qbell.shots.shots import Shots

MOST_CONFIDENT = 0.9999  # that an interval may be
Kind = TypeVar("Kind", bound=Estimate)


def by_part(
    shots: Shots,
    codes: NDArray[np.int64],
    confidence: float,
    *,
    extendable: bool,
    estimate_one: Callable[[Shots, float], Result],
) -> Result:
    """The result of all shots, with what holds whatever was seen before a part was added.

    Args:
        shots: of all parts.
        codes: (rows,) the part that each row belongs to, 1, 2, ...
        confidence: of all that is reported of the campaign together.
        extendable: the campaign was registered as one that parts may be added to.
        estimate_one: shots and a confidence -> their result.

    Raises:
        QbellError: a confidence that so many parts cannot share.
    """
    last = int(codes.max())
    level = _level(confidence, last)
    if level > MOST_CONFIDENT:
        raise QbellError(
            f"confidence = {confidence:g} of a campaign in {last} parts needs intervals of more "
            f"than {MOST_CONFIDENT}; take a lower confidence"
        )
    whole = estimate_one(shots, level)
    parts = []
    for number, share in enumerate(shares_of(last, extendable=extendable), start=1):
        own = _level(confidence, number) if extendable else confidence
        rows = codes == number
        result = _or_none(estimate_one, shots.take(rows), own) if rows.any() else None
        parts.append(PartOfResult(number, share, own, result))
    certificate = replace(
        combined(
            whole.certificate,
            [None if part.result is None else part.result.certificate for part in parts],
            [part.share for part in parts],
        ),
        confidence=confidence,
        alpha=(1 - confidence) / 2,
    )
    whole = replace(
        whole,
        certificate=certificate,
        parts=tuple(parts),
        notes=(*_notes(last, level, confidence, extendable), *whole.notes),
    )
    return whole if extendable else _limited(whole, parts[0].result, certificate)


def _level(confidence: float, parts: int) -> float:
    """Confidence of intervals after so many parts."""
    return 1 - (1 - confidence) * 2.0**-parts


def _or_none(
    estimate_one: Callable[[Shots, float], Result], part: Shots, confidence: float
) -> Result | None:
    """None of a part that is too small to say anything by itself."""
    try:
        return estimate_one(part, confidence)
    except QbellError:
        return None


def _limited(whole: Result, first: Result | None, certificate: Certificate) -> Result:
    """With one-sided limits of the first part, which alone may claim something."""

    def of_first(kind: Kind | None, its: Estimate | None) -> Kind | None:
        if kind is None:
            return None
        low, high = (0.0, math.inf) if its is None else (its.lower_limit, its.upper_limit)
        return replace(kind, lower_limit=low, upper_limit=high)

    bound = of_first(whole.bound, None if first is None else first.bound)
    assert bound is not None
    e_n = of_first(whole.e_n, None if first is None else first.e_n)
    quantities = {
        key: of_first(one, None if first is None else first.quantities.get(key))
        for key, one in whole.quantities.items()
    }
    return replace(
        whole,
        bound=bound,
        e_n=e_n,
        q=None if e_n is None else q_of(e_n, whole.shots.num_qubits),
        f0=of_first(whole.f0, None if first is None else first.f0),
        k1=of_first(whole.k1, None if first is None else first.k1),
        moments=replace(
            whole.moments, limited=True, first=None if first is None else first.moments
        ),
        quantities=MappingProxyType({key: one for key, one in quantities.items() if one}),
        certificate=certificate,
    )


def _notes(last: int, level: float, confidence: float, extendable: bool) -> list[str]:
    """What it means that parts were added, or may be."""
    intervals = (
        f"intervals are those of {100 * level:.6g} % at a fixed number of shots, so that all that "
        f"is reported after each part holds at {100 * confidence:g} % together; the size of a part "
        "must not depend on what was seen"
    )
    if extendable and last == 1:
        return [
            "registered as a campaign that parts may be added to: p-values and depths have half of "
            "the error rate, so that they hold whatever is added later",
            intervals,
        ]
    if extendable:
        return [
            "parts were added as registered, perhaps because of what was seen: part k has a share "
            "2^-k of the error rate, p-values are the smallest of 2^k p_k, and those that may be "
            "looked at at any time go on from part to part",
            intervals,
        ]
    return [
        "parts were added, perhaps because of what was seen, and the campaign was not registered "
        "as extendable: p-values, depths and one-sided limits are those of the first part alone, "
        "but for p-values that may be looked at at any time",
        intervals.replace(
            f"after each part holds at {100 * confidence:g} % together",
            f"of added parts holds at {100 * confidence:g} % together",
        ),
    ]
