"""What parts of a campaign certify together: valid however looking decides on the next one."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

import qbell
from qbell.certificates import TestedCorrelator, local_limit
from qbell.certificates.anytime import wealth_p
from qbell.certificates.certificate import Certificate
from qbell.certificates.local_realism import of_test
from qbell.certificates.nonlocality_depth import NONLOCALITY_DEPTH
from qbell.certificates.parts import combined, shares_of
from qbell.certificates.phase_test import PhaseTest
from qbell.certificates.separability import SEPARABILITY
from qbell.estimator.by_part import by_part

DIRECTION = TestedCorrelator("+++")
LIMIT = local_limit(3)  # of the mean of x over all settings: 1/4
CHANCE = 0.5 + LIMIT  # of x = 1 in the best local model, in the half of settings that say something
LEVEL = 0.05
NAMES = ("p_value", "p_value_ratio", "p_any", "depth")


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    """Of a Bell test, to be filled with other numbers."""
    settings = qbell.schedule(2, "random", draws=60, seed=1)
    return qbell.estimate(qbell.sample(qbell.ghz(2), settings, seed=2)).certificate


def filled(certificate: Certificate, turns: NDArray[np.int64], alpha: float) -> Certificate:
    """What these draws say: 0 quarter turns are x = 1, 2 are x = -1, 1 and 3 are x = 0."""
    counts = np.array([(turns == 0).sum(), (turns == 2).sum()], dtype=float)
    test = PhaseTest(np.array([1.0, -1.0]), np.ones(2), counts, float(len(turns)))
    found = of_test(test, LIMIT)
    depth = test.p_value(LIMIT)
    return replace(
        certificate,
        p_value=found.hoeffding,
        p_value_ratio=found.ratio,
        p_any=wealth_p(turns, DIRECTION, LIMIT),
        nonlocality_depth=2 if depth <= alpha else 1,
        nonlocality_depth_p=depth if depth <= alpha else None,
        alpha=alpha,
    )


def claims(found: Certificate) -> set[str]:
    """Which numbers claim something against local realism."""
    p_values = ("p_value", "p_value_ratio", "p_any")
    names = {key for key in p_values if getattr(found, key) <= LEVEL}
    return names | ({"depth"} if found.nonlocality_depth > 1 else set())


def false_claims(
    certificate: Certificate,
    rng: np.random.Generator,
    campaigns: int,
    *,
    extendable: bool,
    pooled: bool = False,
) -> dict[str, int]:
    """How many null campaigns claim something in any of their reports.

    The best local model. A campaign gets another part while it looks promising, up to four, of a
    size that depends on what was seen. ``pooled``: all shots as if their number had been fixed.
    """
    wrong = dict.fromkeys(NAMES, 0)
    for _ in range(campaigns):
        turns: list[NDArray[np.int64]] = []
        said: set[str] = set()
        draws = 80
        while len(turns) < 4:
            odd = rng.random(draws) < 0.5
            turns.append(np.where(odd, 1, np.where(rng.random(draws) < CHANCE, 0, 2)))
            every = np.concatenate(turns)
            shares = shares_of(len(turns), extendable=extendable)
            whole = found = filled(certificate, every, LEVEL)
            if not pooled:
                rates = [LEVEL * share for share in shares]
                parts = [filled(certificate, *one) for one in zip(turns, rates, strict=True)]
                found = combined(whole, parts, shares)
            said |= claims(found)
            ups = np.mean(every[every != 1] == 0)
            if len(said) == len(NAMES) or ups < CHANCE:
                break  # nothing is left to claim, or it is not promising
            draws = 40 if ups > CHANCE + 0.04 else 120
        for name in said:
            wrong[name] += 1
    return wrong


@pytest.mark.statistics
@pytest.mark.parametrize(
    "campaigns", [60, pytest.param(1000, marks=pytest.mark.nightly)], ids=["few", "many"]
)
@pytest.mark.parametrize("extendable", [True, False])
def test_false_claims(
    certificate: Certificate, rng: np.random.Generator, campaigns: int, extendable: bool
) -> None:
    """At most 5 % of campaigns; of 16 numbers one fails by chance in 1e-5 of all runs."""
    most = scipy.stats.binom.ppf(1 - 1e-6, campaigns, LEVEL)
    found = false_claims(certificate, rng, campaigns, extendable=extendable)
    assert all(count <= most for count in found.values()), found


@pytest.mark.nightly
@pytest.mark.statistics
def test_it_can_fail(certificate: Certificate, rng: np.random.Generator) -> None:
    """Taken as one campaign of fixed size the depth is wrong too often: the test would see it."""
    found = false_claims(certificate, rng, 1000, extendable=False, pooled=True)
    assert found["depth"] > scipy.stats.binom.ppf(1 - 1e-3, 1000, LEVEL), found
    assert found["p_any"] <= scipy.stats.binom.ppf(1 - 1e-6, 1000, LEVEL), found


def test_shares() -> None:
    assert sum(shares_of(8, extendable=True)) < 1
    assert sum(shares_of(8, extendable=False)) == 1


@pytest.mark.parametrize("extendable", [True, False])
def test_one_part_and_several(certificate: Certificate, extendable: bool) -> None:
    """By hand: the smallest of p_k / s_k, and wealth that goes on."""
    one = replace(certificate, p_value=0.02, p_value_ratio=0.03, p_any=0.03)
    two = replace(certificate, p_value=0.004, p_value_ratio=0.5, p_any=0.5)
    whole = replace(certificate, p_value=1e-9, p_value_ratio=0.011, p_any=0.01)
    found = combined(whole, [one, two], shares_of(2, extendable=extendable))
    assert found.p_value == pytest.approx(0.016 if extendable else 0.02)
    assert (found.p_value_ratio, found.p_any) == (0.011, 0.01)
    learned = replace(whole, learned=True)  # along another direction in each part
    found = combined(learned, [one, two], shares_of(2, extendable=extendable))
    assert found.p_any == pytest.approx(0.06 if extendable else 0.03)


def test_what_a_part_or_all_shots_refuse(certificate: Certificate) -> None:
    """Data that signal in one part claim nothing there, and nothing anywhere if all shots do."""
    shares = shares_of(2, extendable=True)
    none = replace(certificate.claims, **dict.fromkeys(("p_value", "p_any", "bell_qubits"), "none"))
    bad = replace(certificate, claims=none, p_value=None, p_any=None, bell_qubits=0)
    good = replace(certificate, p_value=0.001, p_any=0.001, bell_qubits=2, bell_qubits_p=0.001)
    found = combined(good, [bad, good], shares)
    assert (found.p_value, found.bell_qubits, found.bell_qubits_p) == (0.004, 2, 0.004)
    assert found.p_any == 0.004  # what all shots say includes the bad ones
    found = combined(bad, [good, good], shares)
    assert (found.p_value, found.bell_qubits, found.claims.p_value) == (None, 0, "none")
    assert combined(good, [None, good], shares).p_value == 0.004


def test_depths_take_the_strongest() -> None:
    """Of counts of groups it is the smallest; 0 says nothing."""
    parts = [({"separability": 0, "separability_p": None}, 0.5)]
    parts += [({"separability": m, "separability_p": 0.001 * m}, 0.25) for m in (4, 2, 3)]
    found = SEPARABILITY.over_parts({}, parts, fixed=True)
    assert found == {"separability": 2, "separability_p": 0.008}
    depths = [({"nonlocality_depth": k, "nonlocality_depth_p": None}, 0.5) for k in (1, 3, 2)]
    assert NONLOCALITY_DEPTH.over_parts({}, depths, fixed=True)["nonlocality_depth"] == 3
    assert NONLOCALITY_DEPTH.over_parts({}, [], fixed=True)["nonlocality_depth"] == 1


def test_too_many_parts_for_a_confidence() -> None:
    shots = SimpleNamespace()
    codes = np.array([1, 9])
    with pytest.raises(qbell.QbellError, match="lower confidence"):
        by_part(shots, codes, 0.95, extendable=True, estimate_one=lambda *_: None)  # type: ignore[arg-type, return-value]
