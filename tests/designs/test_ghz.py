"""The ghz design: even settings and sigma_xi mixed at random, what they give and refuse."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell.certificates import settings_p
from qbell.certificates.local_realism import local_realism
from qbell.certificates.settings.mixing import mixing_p
from qbell.designs import find_design
from qbell.designs.schedule import schedule
from qbell.exact import coherence_values
from qbell.shots.read_shots import read_shots
from qbell.shots.shots import Shots, from_frame
from tests.support.coherent import coherent_shots
from tests.support.simulated import shots_of_schedule, white_noise_ghz

KEYS = ["coherence", "population", "fidelity", "qfi_ghz"]


def words(shots: Shots) -> Shots:
    """The draws in even settings, as data of the even design."""
    return dataclasses.replace(shots.take((shots.directions < 2).all(axis=1)), design="even")


def in_order(shots: Shots, order: NDArray[np.int64]) -> Shots:
    """Some of the one-shot draws in another order in time."""
    return dataclasses.replace(
        shots,
        directions=shots.directions[order],
        bits=shots.bits[order],
        counts=shots.counts[order],
        draws=np.arange(len(order)),
    )


# Settings


def test_kinds_are_mixed_and_words_are_even() -> None:
    made = schedule(5, "ghz", draws=8000, share=0.3, seed=5)
    along = (made.directions == 2).all(axis=1)
    assert abs(along.mean() - 0.3) < 0.02
    rest = made.directions[~along]
    assert rest.max() == 1
    assert not (rest.sum(axis=1) % 2).any()
    assert len(np.unique(rest, axis=0)) == 16
    again = schedule(5, "ghz", draws=8000, share=0.3, seed=5)
    np.testing.assert_array_equal(made.directions, again.directions)
    assert (schedule(5, "ghz", draws=4000, seed=5).directions == 2).mean() == pytest.approx(
        0.25, abs=0.03
    )


@pytest.mark.parametrize("share", [0, 1, -0.1, "half"])
def test_a_share_is_a_probability(share: object) -> None:
    with pytest.raises(qbell.QbellError, match="share"):
        schedule(3, "ghz", draws=10, share=share)  # type: ignore[arg-type]
    with pytest.raises(qbell.QbellError, match="leave it out of a even one"):
        schedule(3, "even", draws=10, share=0.3)


def test_settings_that_were_drawn_so_pass_and_others_do_not(rng: np.random.Generator) -> None:
    shots = coherent_shots(4, 0.5, 0.7, 400, rng)
    assert (settings_p(shots) or 0) > 1e-3
    along = (shots.directions == 2).all(axis=1)
    blocks = in_order(shots, np.argsort(along, kind="stable"))
    assert mixing_p(blocks) < 1e-12
    certificate = qbell.estimate(blocks).certificate
    assert certificate.settings_p < 1e-3
    assert certificate.p_value is None
    assert certificate.separability == 0
    half = int(min(along.sum(), (~along).sum()))
    kinds = [np.flatnonzero(each)[:half] for each in (along, ~along)]
    assert mixing_p(in_order(shots, np.stack(kinds, axis=1).ravel())) < 1e-12  # alternating


def test_mixing_p_is_valid(rng: np.random.Generator) -> None:
    shots = coherent_shots(2, 0.0, 0.5, 60, rng)
    found = []
    for _ in range(300):
        kinds = rng.random(60) < 0.3
        directions = np.where(kinds[:, None], 2, 0).astype(np.uint8).repeat(2, axis=1)
        found.append(mixing_p(dataclasses.replace(shots, directions=directions)))
    for alpha in (0.3, 0.1, 0.02):
        assert np.mean(np.array(found) <= alpha) <= alpha + 0.03


# Tables


def test_a_table_goes_out_and_comes_back(tmp_path: Path) -> None:
    shots = qbell.sample(qbell.ghz(3), schedule(3, "ghz", draws=60, seed=1), seed=2)
    path = tmp_path / "shots.csv"
    shots.to_csv(path)
    for design in (None, "ghz"):
        again = read_shots(path, design)
        assert again.design == "ghz"
        np.testing.assert_array_equal(again.directions, shots.directions)
    result = qbell.estimate(read_shots(path))
    assert list(result.quantities) == KEYS


def test_tables_are_told_apart() -> None:
    rows = pd.DataFrame({"setting": ["XX", "YY", "ZZ", "YY"], "bitstring": "00", "count": 1})
    many = pd.concat([rows] * 6, ignore_index=True)
    many = many.assign(draw=range(len(many)))
    assert from_frame(many).design == "ghz"
    with pytest.raises(qbell.QbellError, match="all of 12 draws have an even number of Y or Z on"):
        from_frame(many[:12])
    mixed = pd.concat([many, many[:1].assign(setting="XZ", draw=99)])
    assert from_frame(mixed).design == "random3"
    with pytest.raises(qbell.QbellError, match="neither Z on all qubits nor a word"):
        from_frame(mixed, "ghz")
    odd = pd.concat([many, many[:1].assign(setting="XY", draw=99)])
    with pytest.raises(qbell.QbellError, match="setting 'XY' is neither"):
        from_frame(odd, "ghz")
    listed = pd.concat([rows[:3]] * 40, ignore_index=True)
    with pytest.raises(qbell.QbellError, match="draws are all settings, each 40 times"):
        from_frame(listed.assign(draw=range(120)))


def test_a_kind_that_is_missing_is_refused(rng: np.random.Generator) -> None:
    shots = coherent_shots(3, 0.5, 0.7, 100, rng)
    along = (shots.directions == 2).all(axis=1)
    with pytest.raises(qbell.QbellError, match="none of the draws has Z on all qubits"):
        qbell.estimate(shots.take(~along))
    few = np.flatnonzero(~along)[:19].tolist() + np.flatnonzero(along).tolist()
    with pytest.raises(qbell.QbellError, match="19 draws with X and Y"):
        qbell.estimate(shots.take(few))


# Estimates


@pytest.mark.parametrize("shots", [1, 4])
def test_values_of_a_known_state(shots: int, rng: np.random.Generator) -> None:
    """White noise, N = 3, by Kronecker products: all four quantities and E within four errors."""
    matrix = white_noise_ghz(3, 0.3)
    made = schedule(3, "ghz", draws=3000 // shots, seed=4)
    data = shots_of_schedule(matrix, made, shots, rng)
    result = qbell.estimate(data)
    for key, value in coherence_values(matrix).items():
        found = result.quantities[key]
        assert abs(found.value - value) < 4 * found.standard_error, key
        assert found.low <= value <= found.high or abs(found.value - value) > found.standard_error
    assert result.e_n is not None
    assert abs(result.e_n.value - 0.35**2) < 4 * result.e_n.standard_error
    assert result.certificate.separability == 2
    assert result.certificate.entanglement_depth == 3
    assert (result.certificate.p_value is None) == (shots > 1)
    assert result.certificate.claims.separability == "witness"
    assert result.certificate.claims.bell_qubits == "bell"


def test_the_words_alone_are_the_even_design(rng: np.random.Generator) -> None:
    """E, the bound, the p-value and Bell depths are those of the draws in even settings."""
    data = coherent_shots(5, 0.6, 0.8, 600, rng)
    mixed, even = qbell.estimate(data), qbell.estimate(words(data))
    assert mixed.e_n is not None
    assert even.e_n is not None
    assert mixed.e_n.value == pytest.approx(even.e_n.value, rel=1e-12)
    assert mixed.bound.high == pytest.approx(even.bound.high, rel=1e-9)
    for key in ("p_value", "p_value_ratio", "bell_qubits", "svetlichny_depth"):
        assert getattr(mixed.certificate, key) == getattr(even.certificate, key)
    test, _ = local_realism(data)
    assert test is not None
    assert test.limit == pytest.approx(2 ** (-2.0))  # 2 beta at N = 5


def test_jobs_are_the_unit_where_each_has_settings_of_both_letters(
    rng: np.random.Generator,
) -> None:
    data = coherent_shots(4, 0.6, 0.8, 400, rng)
    assert data.draws is not None

    def in_jobs(size: int) -> Shots:
        return dataclasses.replace(data, extra=pd.DataFrame({"job": data.draws // size}))

    by_job = qbell.estimate(in_jobs(40), resamples=100)
    assert any("error bars by job" in note for note in by_job.notes)
    assert by_job.e_n is not None
    assert by_job.e_n.value == pytest.approx(0.09, abs=5 * by_job.e_n.standard_error)
    single = qbell.estimate(in_jobs(1), resamples=100)  # jobs with Z alone among them
    assert not any("from the scatter between" in note for note in single.notes)


@pytest.mark.slow
def test_coherence_and_population_certify_more_than_e_alone(rng: np.random.Generator) -> None:
    data = coherent_shots(20, 0.4, 0.75, 4000, rng)
    mixed, even = (qbell.estimate(each).certificate for each in (data, words(data)))
    assert mixed.separability == 2
    assert mixed.entanglement_depth == 20
    assert even.entanglement_depth < 20
    assert even.separability == 0


def test_another_sign_is_learnt_on_held_out_shots(rng: np.random.Generator) -> None:
    """|0...0> - |1...1>: nothing along phase 0, and all of it along pi."""
    data = coherent_shots(4, -0.8, 0.9, 800, rng)
    fixed, learnt = qbell.estimate(data), qbell.estimate(data, phase="learn")
    assert fixed.quantities["coherence"].value < -0.7
    assert fixed.quantities["qfi_ghz"].lower_limit == 0
    assert fixed.certificate.separability == 0
    assert abs(learnt.certificate.phase) == pytest.approx(math.pi)
    assert learnt.quantities["coherence"].value > 0.7
    assert learnt.certificate.separability == 2
    with pytest.raises(qbell.QbellError, match="the ghz design measures the real part"):
        qbell.estimate(data, phase=0.4)


def test_other_labels_are_of_their_own_words(rng: np.random.Generator) -> None:
    """|01> + |10> with label +-: population of 01 and 10."""
    psi = np.array([0, 1, 1, 0]) / np.sqrt(2) + 0j
    data = shots_of_schedule(np.outer(psi, psi), schedule(2, "ghz", draws=300, seed=1), 1, rng)
    result = qbell.estimate(data, label="+-")
    assert result.quantities["fidelity"].value == pytest.approx(1.0)
    assert result.certificate.separability == 2
    assert result.quantities["qfi_ghz"].high == 0  # it does not change under the generator
    assert qbell.estimate(data).quantities["population"].value == 0


def test_corrected_counts_make_no_bell_claim(rng: np.random.Generator) -> None:
    data = dataclasses.replace(coherent_shots(4, 0.8, 0.9, 600, rng), provenance="post-selected")
    certificate = qbell.estimate(data).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0
    assert certificate.separability == 2
    assert certificate.claims.separability == "witness"


def test_all_sigma_1_alone_certifies_nothing() -> None:
    """<X^N> = 1 on |+>^N: settings that were never drawn are seen."""
    draws = 200
    rows = pd.DataFrame({"setting": ["XXXX", "XXXX", "ZZZZ"] * draws, "bitstring": "0000"})
    rows = rows.assign(count=1, draw=np.random.default_rng(1).permutation(len(rows)))
    certificate = qbell.estimate(from_frame(rows.sort_values("draw"), "ghz")).certificate
    assert certificate.settings_p < 1e-12
    assert certificate.p_value is None
    for key, nothing in (("bell_qubits", 0), ("entanglement_depth", 1), ("separability", 0)):
        assert getattr(certificate, key) == nothing


@pytest.mark.slow
def test_more_coherence_than_population_is_no_quantum_state(rng: np.random.Generator) -> None:
    """C = 0.8 and P = 0.3: settings and counts do not belong together, and nothing is certified."""
    result = qbell.estimate(coherent_shots(4, 0.8, 0.3, 600, rng))
    assert result.certificate.quantum_p < 1e-6
    assert result.certificate.separability == 0
    assert qbell.estimate(coherent_shots(4, 0.3, 0.3, 600, rng)).certificate.quantum_p > 1e-3


def test_signalling_words_are_found(rng: np.random.Generator) -> None:
    """Outcome of qubit 0 follows the setting of qubit 1."""
    data = coherent_shots(4, 0.5, 0.7, 400, rng)
    bits = data.bits.copy()
    plane = (data.directions < 2).all(axis=1)
    bits[plane, 0] = data.directions[plane, 1]
    certificate = qbell.estimate(dataclasses.replace(data, bits=bits)).certificate
    assert certificate.no_signalling_p < 1e-6
    assert certificate.bell_qubits == 0


@pytest.mark.statistics
@pytest.mark.parametrize("kind", ["plus", "phases", "mixed"])
def test_nothing_is_claimed_of_product_states(kind: str, rng: np.random.Generator) -> None:
    """Whole data sets of two qubits: claims of any kind in at most their error rate."""
    ket = np.array([1, np.exp(0.4j if kind == "phases" else 0j)]) / np.sqrt(2)
    matrix = np.outer(np.kron(ket, ket), np.kron(ket, ket).conj())
    if kind == "mixed":
        matrix = np.eye(4) / 4 + 0j
    made = [schedule(2, "ghz", draws=120, seed=int(rng.integers(2**31))) for _ in range(40)]
    false = {"separability": 0, "entanglement_depth": 0, "bell_qubits": 0}
    small = 0
    for settings in made:
        data = shots_of_schedule(matrix, settings, 1, rng)
        certificate = qbell.estimate(data, resamples=100, confidence=0.8).certificate
        for key in false:
            nothing = {"entanglement_depth": 1}.get(key, 0)
            false[key] += getattr(certificate, key) != nothing
        small += (certificate.p_value or 1.0) <= 0.1
    assert max(*false.values(), small) <= 11  # 4 expected of 40 at most


@pytest.mark.slow
def test_a_thousand_qubits(rng: np.random.Generator) -> None:
    result = qbell.estimate(coherent_shots(1000, 0.3, 0.5, 2000, rng), resamples=100)
    assert result.quantities["qfi_ghz"].lower_limit > 1e5
    assert result.certificate.separability == 3
    assert result.certificate.entanglement_depth == 500
    assert result.certificate.bell_qubits > 990


def test_the_design_says_what_it_measures() -> None:
    kind = find_design("ghz")
    assert list(kind.quantities) == KEYS
    assert kind.claim == "bell"
