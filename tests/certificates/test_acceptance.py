"""Whether flags accept shots whatever the setting is: false alarms, power, and adversaries."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

import qbell
from qbell.certificates import TestedCorrelator, certify
from qbell.certificates.acceptance import acceptance_p, acceptance_p_values, two_sided_p
from qbell.certificates.local_realism import local_realism
from qbell.conventions.alarm import ALARM
from qbell.conventions.axes import parse_axis
from qbell.shots.columns import Columns
from qbell.shots.flagged import HERALDED, split_rows
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support.limits import most

N = 8
Bits = NDArray[np.uint8]


def settings(draws: int, rng: np.random.Generator, design: str = "even") -> Bits:
    return qbell.schedule(N, design, draws=draws, seed=int(rng.integers(2**31))).directions


def shots_with(
    directions: Bits,
    bits: Bits,
    accepted: NDArray[np.bool_],
    *,
    design: str = "even",
    provenance: str = HERALDED,
    draws: NDArray[np.int64] | None = None,
) -> Shots:
    """One row a shot; a flag of 1 where it was rejected."""
    numbers = np.arange(len(bits)) if draws is None else draws
    one = np.ones(len(bits), dtype=np.int64)
    words = (~accepted).astype(np.uint8)[:, None]
    flagged = split_rows(Columns(directions, bits, one, numbers, pd.DataFrame()), words)
    return Shots(
        **vars(flagged.accepted),
        design=design,
        axis=parse_axis("z"),
        provenance=provenance,
        flagged=flagged,
    )


def even_parity(shots: int, rng: np.random.Generator) -> Bits:
    """Outcomes by chance whose product is +1: shared randomness, no quantum state."""
    bits = rng.integers(0, 2, (shots, N), dtype=np.uint8)
    bits[:, 0] = bits[:, 1:].sum(axis=1) % 2
    return bits


def right_sign(directions: Bits, bits: Bits) -> NDArray[np.bool_]:
    """Where the product of outcomes counts as +1 in C, at phase 0."""
    return (((directions == 1).sum(axis=1) // 2 + bits.sum(axis=1)) % 2 == 0).astype(bool)


def test_flags_that_know_the_setting_fake_a_violation_and_are_found(
    rng: np.random.Generator,
) -> None:
    """Outcomes of product +1 in every setting: flags let more of those pass where it looks well."""
    directions = settings(4000, rng)
    bits = even_parity(4000, rng)
    chance = np.where(right_sign(directions, bits), 0.9, 0.55)
    accepted = rng.random(4000) < chance
    shots = shots_with(directions, bits, accepted)
    # Taken as all shots there are, they violate local realism: that is what must not be said.
    naive = replace(shots, provenance="raw", flagged=None)
    violation, _ = local_realism(naive, TestedCorrelator("+" * N, 0.0))
    assert violation is not None
    assert violation.hoeffding < 1e-6
    assert certify(naive, None, 0.95).p_value is None  # accepted settings are not uniform
    found = certify(shots, 0.2, 0.95)
    assert found.acceptance_p is not None
    assert found.acceptance_p < ALARM
    assert found.p_value is None
    assert found.p_any is None
    assert found.bell_qubits == 0
    assert any("acceptance depends on the setting" in note for note in found.notes)
    assert set(found.claims.__dict__.values()) == {"none", "heralded"}
    assert found.entanglement_depth == 1
    # All shots together are what they are: local.
    every = certify(shots.with_rejected(), None, 0.95)
    assert every.p_value is not None
    assert every.p_value > 1e-5


def test_no_test_of_rates_finds_flags_that_choose_fairly(rng: np.random.Generator) -> None:
    """Outcomes by chance, and accepted where they look well: half of them in every setting.

    So it is the order in time that makes shots heralded, and it has to be said, not inferred.
    """
    directions = settings(2000, rng)
    bits = rng.integers(0, 2, (2000, N), dtype=np.uint8)
    accepted = right_sign(directions, bits)
    believed = certify(shots_with(directions, bits, accepted), None, 0.95)
    assert believed.acceptance_p is not None
    assert believed.acceptance_p > 1e-5
    assert believed.p_value is not None
    assert believed.p_value < 1e-6  # false: whoever says heralded vouches for the order in time
    assert any("assume that the flags" in note for note in believed.notes)
    table = shots_with(directions, bits, accepted).frame
    found = certify(qbell.shots_from(table, design="even"), None, 0.95)
    assert found.claims.provenance == "post-selected"
    assert found.p_value is None
    assert found.claims.bell_qubits == "none"
    assert any("fair sample" in note for note in found.notes)


def test_heralded_without_the_rejected_shots_claims_nothing(rng: np.random.Generator) -> None:
    directions = settings(500, rng)
    bits = even_parity(500, rng)
    kept = right_sign(directions, bits)
    shots = replace(shots_with(directions, bits, kept), flagged=None)
    found = certify(shots, None, 0.95)
    assert found.p_value is None
    assert any("rejected shots are not there" in note for note in found.notes)


@pytest.mark.statistics
def test_fair_acceptance_passes_at_its_level(rng: np.random.Generator, repeats: Repeats) -> None:
    """It drifts, and goes by earlier outcomes: p <= 0.05 in at most 5 % of data sets."""
    runs = repeats(20, 1500)
    alarms = dict.fromkeys(("even", "ghz", "random"), 0)
    for design in alarms:
        for _ in range(runs):
            directions = settings(300, rng, design)
            bits = rng.integers(0, 2, (300, N), dtype=np.uint8)
            earlier = np.append(0, bits[:-1, 0])
            chance = 0.5 + 0.4 * np.sin(np.arange(300) / 90) - 0.1 * earlier
            found = acceptance_p(
                shots_with(directions, bits, rng.random(300) < chance, design=design)
            )
            assert found is not None
            alarms[design] += found <= 0.05
    assert max(alarms.values()) <= most(runs, 0.05)


@pytest.mark.statistics
def test_shots_of_one_draw_that_stand_together_are_no_alarm(
    rng: np.random.Generator, repeats: Repeats
) -> None:
    """Acceptance that changes from draw to draw, ten shots each."""
    runs, alarms = repeats(20, 1000), 0
    for _ in range(runs):
        directions = np.repeat(settings(60, rng, "random"), 10, axis=0)
        bits = rng.integers(0, 2, (600, N), dtype=np.uint8)
        accepted = rng.random(600) < np.repeat(rng.choice([0.3, 0.95], 60), 10)
        draws = np.repeat(np.arange(60), 10)
        shots = shots_with(directions, bits, accepted, design="random", draws=draws)
        found = acceptance_p(shots)
        assert found is not None
        alarms += found <= 0.05
    assert alarms <= most(runs, 0.05)


@pytest.mark.parametrize("what", ["a letter", "a pair", "the number", "the kind"])
def test_each_kind_of_dependence_is_found(what: str, rng: np.random.Generator) -> None:
    directions = settings(4000, rng, "ghz")
    plane = directions[:, 0] < 2
    odd = {
        "a letter": plane & (directions[:, 3] == 1),
        "a pair": plane & (directions[:, 1] == directions[:, 6]),
        "the number": plane & ((directions == 1).sum(axis=1) % 4 == 2),
        "the kind": ~plane,
    }[what]
    bits = rng.integers(0, 2, directions.shape, dtype=np.uint8)
    accepted = rng.random(len(odd)) < np.where(odd, 0.75, 0.9)
    shots = shots_with(directions, bits, accepted, design="ghz")
    p_values = acceptance_p_values(shots)
    assert what.rsplit(maxsplit=1)[-1] in min(p_values, key=lambda name: p_values[name])
    found = acceptance_p(shots)
    assert found is not None
    assert found < ALARM


def test_nothing_rejected_is_nothing_to_test(rng: np.random.Generator) -> None:
    directions = settings(50, rng)
    bits = np.zeros((50, N), dtype=np.uint8)
    assert acceptance_p(shots_with(directions, bits, np.ones(50, dtype=bool))) is None
    assert (
        acceptance_p(replace(shots_with(directions, bits, np.ones(50, bool)), flagged=None)) is None
    )


@pytest.mark.parametrize(("number", "total", "marked", "taken"), [(3, 20, 8, 9), (0, 9, 4, 4)])
def test_the_tails_are_those_of_the_hypergeometric_distribution(
    number: int, total: int, marked: int, taken: int
) -> None:
    law = stats.hypergeom(total, marked, taken)
    wanted = min(1.0, 2 * min(law.cdf(number), law.sf(number - 1)))
    assert two_sided_p(number, total, marked, taken) == pytest.approx(wanted)
