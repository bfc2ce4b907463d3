"""Campaigns in parts: what all parts certify together, if looking decided whether one was added.

A part is a number of shots that is registered before any of them is taken: the first is the
campaign itself, the others were added later, and whether and how large may depend on everything
that was seen before. Given all of that, the p-value of part k from its own shots is at most x with
probability x at most, as its size and its test are fixed. So with shares s_1 + s_2 + ... <= 1 of
the error rate, fixed before the first shot,

    p = min_k p_k / s_k,    P(p <= a) <= sum_k P(p_k <= s_k a) <= a,

however long one goes on, and also if one stops as soon as p is small. A campaign that was
registered as extendable has the shares s_k = 2^-k. In any other the first part has all of it: its
claims stay, whoever adds shots afterwards, and parts that are added claim nothing. A p-value that
is 1 / the wealth of a bet holds whenever one stops, so it simply goes on from part to part.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qbell.certificates.certificate import Certificate, Claims
from qbell.certificates.registry import CLAIMS


def shares_of(count: int, *, extendable: bool) -> tuple[float, ...]:
    """The share of the error rate of each of ``count`` parts.

    >>> shares_of(3, extendable=True), shares_of(3, extendable=False)
    ((0.5, 0.25, 0.125), (1.0, 0.0, 0.0))
    """
    if extendable:
        return tuple(2.0**-number for number in range(1, count + 1))
    return tuple(float(number == 1) for number in range(1, count + 1))


def combined(
    whole: Certificate, parts: Sequence[Certificate | None], shares: Sequence[float]
) -> Certificate:
    """The certificate of a campaign in parts.

    Args:
        whole: of all shots: its checks are kept, and what they refuse is refused.
        parts: of each part by itself, its depths at the error rate ``whole.alpha`` times its share;
            None where it has too few shots to say anything.
        shares: of the error rate, as `shares_of` gives them.
    """
    numbers: dict[str, Any] = {}
    claims: dict[str, str] = {}
    for statement in CLAIMS:
        key = statement.key
        spoiled = [part is not None and getattr(part.claims, key) == "none" for part in parts]
        allowed = [
            ({name: getattr(part, name) for name in statement.keys}, share)
            for part, share, bad in zip(parts, shares, spoiled, strict=True)
            if part is not None and share > 0 and not bad
        ]
        claims[key] = statement.claim
        if getattr(whole.claims, key) == "none" or not allowed:
            claims[key] = "none"
            numbers.update(statement.absent)
            continue
        of_all = {name: getattr(whole, name) for name in statement.keys}
        fixed = not (whole.learned or any(spoiled))
        numbers.update(statement.over_parts(of_all, allowed, fixed=fixed))
    notes = dict.fromkeys(whole.notes)
    for number, part in enumerate(parts, start=1):
        more = () if part is None else part.notes
        notes |= {f"part {number}: {note}": None for note in more if note not in whole.notes}
    return replace(
        whole,
        **numbers,
        claims=Claims(**claims, provenance=whole.claims.provenance),
        notes=tuple(notes),
    )
