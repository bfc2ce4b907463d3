"""Averages over disorder, against loops over density matrices."""

import math

import numpy as np
import pytest

import qbell
from qbell import QbellError, exact


@pytest.mark.parametrize("axis", ["z", (1.0, -2.0, 0.5)])
def test_means_and_the_averaged_state(axis: object) -> None:
    chains = exact.disordered_chains(4, -1.1, 0.7, draws=5, seed=4)
    vectors = [chain.statevector() for chain in chains]
    matrices = [np.outer(vector, vector.conj()) for vector in vectors]
    averaged = sum(matrices) / 5
    found = exact.average(chains, axis)
    table = found.table
    for name in ("qfi", "f0", "bound"):
        values = [getattr(exact, name)(rho, axis) for rho in matrices]
        assert table.loc[name, "mean"] == pytest.approx(np.mean(values), rel=1e-9)
        expected = np.std(values, ddof=1) / math.sqrt(5)
        assert table.loc[name, "standard_error"] == pytest.approx(expected, rel=1e-6)
        assert table.loc[name, "of_average"] == pytest.approx(
            getattr(exact, name)(averaged, axis), rel=1e-9
        )
        assert table.loc[name, "of_average"] < table.loc[name, "mean"] * (1 + 1e-12)
    e_ns = [abs(exact.correlator_of_all(rho, axis)) ** 2 for rho in matrices]
    assert table.loc["e_n", "mean"] == pytest.approx(np.mean(e_ns), rel=1e-9)
    assert table.loc["q", "mean"] == pytest.approx(4 + np.mean(np.log2(e_ns)), rel=1e-9)
    of_average = abs(exact.correlator_of_all(averaged, axis)) ** 2
    assert table.loc["q", "of_average"] == pytest.approx(4 + np.log2(of_average), rel=1e-9)
    assert table.loc["energy", "mean"] == pytest.approx(np.mean([c.energy for c in chains]))
    assert math.isnan(table.loc["energy", "of_average"])
    assert not any("bound" in note for note in found.notes)


def test_chains_are_those_that_are_said() -> None:
    weak, strong = (exact.disordered_chains(6, -1.5, w, draws=30, seed=1) for w in (0.2, 0.8))
    for few, many in zip(weak, strong, strict=True):  # the same draws, four times as wide
        np.testing.assert_allclose(
            4 * (np.array(few.couplings) / -1.5 - 1), np.array(many.couplings) / -1.5 - 1
        )
        np.testing.assert_allclose(4 * (np.array(few.fields) - 1), np.array(many.fields) - 1)
    fields = np.concatenate([chain.fields for chain in strong])
    assert fields.min() > 0.2
    assert fields.max() < 1.8
    assert abs(fields.mean() - 1) < 4 * 0.8 / math.sqrt(3 * len(fields))
    assert exact.disordered_chains(6, -1.5, 0.2, draws=2, seed=1) == weak[:2]
    plain = exact.disordered_chains(5, -1.5, 0.0, draws=1)[0]
    assert exact.qfi(plain) == pytest.approx(exact.qfi(qbell.ising(5, -1.5)), rel=1e-10)


def test_along_z_mixing_chains_costs_no_qfi() -> None:
    """h takes even states to odd ones: F_Q = 4 Tr rho h^2, where the bound pays for the mixture."""
    table = exact.average(exact.disordered_chains(8, -1.2, 0.6, draws=12)).table
    assert table.loc["qfi", "of_average"] == pytest.approx(table.loc["qfi", "mean"], rel=1e-9)
    assert table.loc["bound", "of_average"] < 0.95 * table.loc["bound", "mean"]


def test_long_chains_have_means_alone() -> None:
    found = exact.average(exact.disordered_chains(40, -0.9, 0.3, draws=3), with_bound=False)
    assert found.table["mean"].drop("bound").notna().all()
    assert found.table["of_average"].isna().all()
    assert any(note.startswith("of_average: n = 40") for note in found.notes)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"disorder": 1.0}, "from 0 to"),
        ({"disorder": -0.1}, "from 0 to"),
        ({"draws": 0}, "draws"),
        ({"seed": -1}, "seed"),
        ({"u": math.inf}, "finite"),
    ],
)
def test_refusals(given: dict[str, float], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        exact.disordered_chains(4, **{"u": -1.0, "disorder": 0.1, **given})  # type: ignore[arg-type]
    with pytest.raises(QbellError, match="no states"):
        exact.average([])
