"""P-value under local realism, the no-signalling test, and what goes with which data."""

import dataclasses

import numpy as np
import pytest

import qbell
from qbell.certificates import certify, local_realism_p, no_signalling_p, settings_p
from qbell.shots import Shots
from tests.simulated import full_shots, probabilities, random_shots, shots_of, white_noise_ghz


def local_strategy(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    """The deterministic local model that does best: x_k = 1 for every direction.

    Its mean of Re prod_k x_k w_k is Re (1 + i)^N / 2^N; a phase of -N pi / 4 makes that 2^(-N/2).
    """
    settings = rng.integers(0, 2**num_qubits, size=trials)
    ones = np.ones(trials, dtype=np.int64)
    return shots_of(
        settings, np.zeros(trials, dtype=int), ones, draws=np.arange(trials), num_qubits=num_qubits
    )


def test_local_realism_is_not_rejected_at_its_best(rng: np.random.Generator) -> None:
    """400 runs of the best local strategy: p < 0.05 in at most 5 %, the test's own promise.

    More than 36 of 400 would have probability 5e-4 at exactly 5 %.
    """
    alarms = 0
    for _ in range(400):
        p, _reason = local_realism_p(local_strategy(4, 300, rng), phase=-np.pi)
        assert p is not None
        alarms += p < 0.05
    assert alarms <= 36


def test_a_ghz_state_rejects_local_realism_at_the_predicted_rate(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(4, 0.0))
    shots = random_shots(table, 1000, rng)
    p, reason = local_realism_p(shots)
    assert reason == ""
    # Expected: x-bar = 1/2 against 2^-2, so p = exp(-1000 / 32) but for the scatter of x-bar.
    assert p is not None
    assert 1e-20 < p < 1e-9
    other_phase, _ = local_realism_p(shots, phase=np.pi)
    assert other_phase == 1.0


def test_p_value_by_hand() -> None:
    """Two qubits; settings XX, YY; outcomes 00 and 01: x = 1 and -(-1) = 1, both perfect."""
    shots = shots_of(
        np.array([0, 3]), np.array([0, 1]), np.array([1, 1]), draws=np.arange(2), num_qubits=2
    )
    p, _ = local_realism_p(shots)
    assert p == pytest.approx(np.exp(-2 * (1 - 0.5) ** 2 / 2))


def test_never_below_the_smallest_number() -> None:
    shots = shots_of(
        np.zeros(10**5, dtype=int),
        np.zeros(10**5, dtype=int),
        np.ones(10**5, dtype=np.int64),
        draws=np.arange(10**5),
        num_qubits=4,
    )
    p, _ = local_realism_p(shots)
    assert p is not None
    assert p > 0


def test_designs_that_allow_no_p_value_say_why(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(3, 0.0))
    p, reason = local_realism_p(full_shots(table, 20, rng))
    assert p is None
    assert "blocks" in reason
    p, reason = local_realism_p(random_shots(table, 50, rng, shots=4))
    assert p is None
    assert "several shots" in reason
    shots = dataclasses.replace(random_shots(table, 50, rng), provenance="mitigated")
    p, reason = local_realism_p(shots)
    assert p is None
    assert "mitigated" in reason


@pytest.mark.parametrize("provenance", ["mitigated", "post-selected"])
def test_treated_data_make_no_bell_claim(provenance: str, rng: np.random.Generator) -> None:
    raw = full_shots(probabilities(white_noise_ghz(4, 0.0)), 100, rng)
    assert certify(raw, 0.2, 0.95).bell_qubits == 4
    certificate = certify(dataclasses.replace(raw, provenance=provenance), 0.2, 0.95)
    assert certificate.bell_qubits == 0
    assert certificate.nonlocality_depth == 1
    assert certificate.no_signalling_depth == 1
    assert certificate.entanglement_depth == 4
    assert any(provenance in note for note in certificate.notes)


def test_no_signalling_p_is_conservative_on_honest_data(rng: np.random.Generator) -> None:
    """300 honest data sets: p < 0.1 in at most 10 %; over 47 would have probability 5e-4."""
    vector = qbell.double_well(3, -1.0).statevector()
    table = probabilities(np.outer(vector, vector.conj()))
    alarms = sum(no_signalling_p(full_shots(table, 40, rng)) < 0.1 for _ in range(300))
    assert alarms <= 47


def test_signalling_is_found_and_voids_the_bell_statements(rng: np.random.Generator) -> None:
    """Qubit 2 leans to 0 by 10 % whenever qubit 0 is measured along sigma_2."""
    table = probabilities(white_noise_ghz(3, 0.0))
    for setting in range(8):
        if setting & 1:
            moved = 0.2 * table[setting, 4:]
            table[setting, :4] += moved
            table[setting, 4:] -= moved
    shots = full_shots(table, 1000, rng)
    assert no_signalling_p(shots) < 1e-6
    certificate = qbell.estimate(shots).certificate
    assert any("signal" in note for note in certificate.notes)
    assert certificate.bell_qubits == 0
    assert certificate.nonlocality_depth == certificate.no_signalling_depth == 1
    assert certificate.entanglement_depth > 1


def test_outcomes_that_never_vary_do_not_alarm(rng: np.random.Generator) -> None:
    vector = qbell.plus(3).statevector()
    shots = full_shots(probabilities(np.outer(vector, vector.conj())), 200, rng)
    assert no_signalling_p(shots) > 1e-3


def test_small_tables_use_the_exact_test(rng: np.random.Generator) -> None:
    """Very few shots: the chi^2 law would not hold; over 30 alarms of 300 at 5 % has p < 5e-4."""
    table = probabilities(white_noise_ghz(2, 0.5))
    alarms = sum(no_signalling_p(full_shots(table, 4, rng)) < 0.05 for _ in range(300))
    assert alarms <= 30


def test_signalling_of_several_settings_jointly_is_found(rng: np.random.Generator) -> None:
    """Qubit 2 follows the exclusive or of the settings of 0 and 1: no pair of qubits shows it."""
    table = np.zeros((8, 8))
    for setting in range(8):
        high = (setting ^ setting >> 1) & 1
        table[setting, 4 * high : 4 * high + 4] = 0.25
    assert no_signalling_p(full_shots(table, 200, rng)) < 1e-9


def test_settings_p_is_conservative_for_honest_draws(rng: np.random.Generator) -> None:
    """300 honest designs each; over 47 below 0.1 would have probability 5e-4."""
    for draws in (15, 100, 1000):
        table = probabilities(white_noise_ghz(3, 0.5))
        values = [settings_p(random_shots(table, draws, rng)) for _ in range(300)]
        assert sum(value is not None and value < 0.1 for value in values) <= 47
    assert settings_p(full_shots(table, 20, rng)) is None


def crafted(settings: list[int], outcomes: list[int], num_qubits: int, shots: int = 1) -> Shots:
    return shots_of(
        np.array(settings),
        np.array(outcomes),
        np.full(len(settings), shots),
        draws=np.arange(len(settings)),
        num_qubits=num_qubits,
    )


def test_a_list_of_favourable_settings_certifies_nothing() -> None:
    """200 draws of XXXX with 0000 and 200 of XXYY with 0001: a local strategy, E as large as 1."""
    certificate = qbell.estimate(
        crafted([0] * 200 + [3] * 200, [0] * 200 + [1] * 200, 4)
    ).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0
    assert certificate.entanglement_depth == 1
    assert any("not drawn uniformly" in note for note in certificate.notes)
    assert any("above 1/4" in note for note in certificate.notes)


def test_a_biased_coin_certifies_nothing(rng: np.random.Generator) -> None:
    directions = (rng.random((3000, 6)) < 0.35).astype(np.int64)
    settings = directions @ (1 << np.arange(6))
    certificate = qbell.estimate(crafted(settings.tolist(), [0] * 3000, 6)).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0


def test_a_full_list_numbered_as_draws_is_not_taken_for_random(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(3, 0.0))
    settings = np.tile(np.arange(8), 50)
    outcomes = [int(rng.choice(8, p=table[setting])) for setting in settings]
    certificate = qbell.estimate(crafted(settings.tolist(), outcomes, 3)).certificate
    assert certificate.settings_p is not None
    assert certificate.settings_p < 1e-3
    assert certificate.p_value is None


@pytest.mark.parametrize("draws", [3, 6, 10, 20])
@pytest.mark.parametrize("num_qubits", [2, 3])
def test_few_draws_of_many_shots_do_not_certify(
    draws: int, num_qubits: int, rng: np.random.Generator
) -> None:
    """The local strategy x = 1, 1000 shots a draw, 100 runs: draws are the sample, not shots."""
    claims = 0
    for _ in range(100):
        settings = rng.integers(0, 2**num_qubits, size=draws).tolist()
        shots = crafted(settings, [0] * draws, num_qubits, shots=1000)
        certificate = qbell.estimate(shots, resamples=40).certificate
        claims += certificate.bell_qubits > 0 or certificate.entanglement_depth > num_qubits - 1
    assert claims <= 5
