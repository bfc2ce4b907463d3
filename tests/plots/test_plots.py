"""Pictures of results: what is drawn is what the tables say."""

import itertools
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import qbell
from qbell import QbellError, plots
from qbell.estimator import Estimate, Result


@pytest.fixture(scope="module")
def result() -> Result:
    shots = qbell.sample(qbell.ising(4, -1.5), qbell.schedule(4), shots=200, seed=1)
    return qbell.estimate(shots, resamples=100)


@pytest.fixture(scope="module")
def oscillating() -> Result:
    shots = qbell.sample(qbell.ghz(3), qbell.schedule(3, "equatorial"), shots=200, seed=1)
    return qbell.estimate(shots, resamples=100)


def axes() -> Any:
    return Figure().subplots()


def test_the_last_bar_ends_at_the_bound(result: Result) -> None:
    ax = plots.bound_by_order(
        result, axes(), exact=qbell.exact.bound_by_order(qbell.ising(4, -1.5)), qfi=12.0
    )
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches]
    assert tops[-1] == pytest.approx(result.bound.value)
    diamonds = next(line for line in ax.lines if line.get_label() == "exact, so far")
    assert np.asarray(diamonds.get_ydata())[-1] == pytest.approx(
        qbell.exact.bound(qbell.ising(4, -1.5))
    )
    words = {text.get_text() for text in ax.texts}
    assert words == {"QFI = 12", "shot noise, N = 4", "Heisenberg, N² = 16"}


def test_one_dot_for_each_pair_of_conjugates(result: Result) -> None:
    ax = plots.correlators(result, axes())
    dots = next(line for line in ax.lines if line.get_label() == "one correlator")
    table = result.correlators
    # All with n_plus >= n_minus but the one of all qubits: those with as many + as - come twice.
    expected = ((table["n_plus"] >= table["n_minus"]) & (table["order"] > 0)).sum() - 1
    assert len(np.asarray(dots.get_xdata())) == expected


def test_rungs_stand_at_the_limits(result: Result) -> None:
    ax = plots.depth_ladder(result, axes())
    words = [text.get_text() for text in ax.texts]
    assert words == ["≥ 3", "≥ 4"]  # 2^-4 and 2^-3
    with pytest.raises(QbellError, match="depth 'height' is unknown; use bell_qubits"):
        plots.depth_ladder(result, axes(), depth="height")
    with pytest.raises(QbellError, match="give num_qubits"):
        plots.depth_ladder(result.bound, axes())


def test_the_curve_goes_through_the_points(oscillating: Result) -> None:
    ax = plots.oscillation(oscillating, axes())
    curve = next(line for line in ax.lines if line.get_label() == "its Fourier components")
    table = oscillating.oscillation
    assert table is not None
    drawn = np.interp(
        table["angle"] / np.pi, np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    )
    np.testing.assert_allclose(drawn, table["parity"], atol=2e-3)


def test_more_angles_than_components() -> None:
    """Nine angles of two qubits: three components, not a curve through the noise of each point."""
    settings = qbell.schedule(2, "equatorial", angles=[f"{k}/9pi" for k in range(9)])
    shots = qbell.sample(qbell.ghz(2), settings, shots=50, seed=3)
    ax = plots.oscillation(qbell.estimate(shots, resamples=100), axes())
    curve = next(line for line in ax.lines if line.get_label() == "its Fourier components")
    angle = np.asarray(curve.get_xdata()) * np.pi
    off = np.asarray(curve.get_ydata()) - np.cos(2 * angle)  # the parity of GHZ is cos(N a)
    assert abs(off).max() < 0.15


def test_no_oscillation(result: Result) -> None:
    with pytest.raises(QbellError, match="design full has none"):
        plots.oscillation(result)


def test_a_scan_with_measured_points() -> None:
    table = pd.DataFrame(
        {"n": [4, 4, 6, 6], "u": [-1.0, 0.0] * 2, "qfi_per_n": [2.0, 1.0, 3.0, 1.0], "q": 0.5}
    )
    point = pd.DataFrame({"n": [6], "u": [-1.0], "value": [2.9], "low": [2.7], "high": [3.0]})
    ax = plots.scan(table, axes(), measured=point)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "N = 4",
        "N = 6",
        "N = 6, measured",
    ]
    assert plots.e_n_against_u(table, axes()).get_ylabel().startswith("Q")


@pytest.mark.parametrize(
    "draw",
    [plots.bound_by_order, plots.correlators, plots.oscillation, plots.scan, plots.coverage,
     plots.comparison],
    ids=lambda draw: draw.__name__,
)  # fmt: skip
def test_other_tables_are_refused(draw: Callable[..., Any]) -> None:
    with pytest.raises(QbellError, match="lacks the column"):
        draw(pd.DataFrame({"colour": ["red"]}))
    with pytest.raises(QbellError, match="expected a pandas DataFrame, got list"):
        draw([1, 2])


def test_without_axes_there_is_a_new_figure_in_the_house_style(result: Result) -> None:
    before = dict(mpl.rcParams)
    ax = plots.coverage(pd.DataFrame({"name": ["a"], "coverage": [1.0], "repetitions": [10]}))
    assert not ax.spines["top"].get_visible()
    assert dict(mpl.rcParams) == before
    pyplot.close(ax.figure)
    with pytest.raises(QbellError, match="expected Matplotlib axes, got Figure"):
        plots.correlators(result, Figure())  # type: ignore[arg-type]
    with mpl.style.context(plots.STYLE):
        assert mpl.rcParams["legend.frameon"] is False


def test_the_histogram_holds_all_resamples_around_the_estimate(result: Result) -> None:
    ax = plots.bootstrap(result, axes(), exact=12.0)
    counts = sum(patch.get_height() for patch in ax.patches if patch.get_height() > 1)
    draws = result.deviations.distribution().draws(result.bound.value)
    assert counts == len(draws)
    assert abs(draws.mean() - result.bound.value) < result.bound.standard_error / 3
    with pytest.raises(QbellError, match="expected a Result, got list"):
        plots.bootstrap([1, 2])  # type: ignore[arg-type]


def test_words_of_near_rungs_stand_on_different_levels() -> None:
    estimate = Estimate(0.1, 0.01, 0.08, 0.12, 0.95, False)
    ax = plots.depth_ladder(estimate, axes(), num_qubits=24)
    ax.figure.canvas.draw()  # type: ignore[attr-defined]
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) > 5
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


@pytest.mark.parametrize("apart", [10, 15])
def test_a_number_in_a_map_covers_no_dot(apart: int) -> None:
    """Eight rows of 10 qubits, a square lattice or with 5 joints between rows, all in the state."""
    rows = [range(apart * row, apart * row + 10) for row in range(8)]
    edges = [[one, one + 1] for row in rows for one in row[:-1]]
    for row in rows[:-1]:
        for one in row if apart == 10 else row[::2]:
            joint = [] if apart == 10 else [row[-1] + 1 + (one - row[0]) // 2] * 2
            edges += [
                list(pair) for pair in zip(*[iter([one, *joint, one + apart])] * 2, strict=True)
            ]
    count = 1 + max(max(edge) for edge in edges)
    found = {"edges": edges, "readout_error": [0.01] * count, "qubits": list(range(count))}
    ax = plots.readout_map(found, Figure(figsize=(8, 4.2)).subplots())
    ax.figure.canvas.draw()  # type: ignore[attr-defined]
    dots: Any = next(one for one in ax.collections if one.get_array() is not None)
    where = ax.transData.transform(dots.get_offsets())
    radius = np.sqrt(dots.get_sizes()[0]) / 2 * ax.figure.dpi / 72
    for text in ax.texts:
        box = text.get_window_extent()
        away = np.maximum(0, np.maximum(where - box.max, box.min - where))
        assert np.hypot(*away.T).min() > 0.95 * radius


def test_a_map_shows_which_qubits_carry_the_state() -> None:
    found = {"edges": [[0, 1], [1, 2]], "readout_error": [0.01, None, 0.02], "qubits": [2, 1]}
    ax = plots.readout_map(found, axes())
    assert [text.get_text() for text in ax.texts] == ["0", "1"]
    (dots,) = [
        one for one in ax.collections if hasattr(one, "get_offsets") and one.get_array() is not None
    ]
    assert np.allclose(np.ma.filled(dots.get_array(), np.nan), [1.0, np.nan, 2.0], equal_nan=True)
    for bad in ({}, {**found, "edges": [[0, 9]]}, {**found, "readout_error": ["a"]}):
        with pytest.raises(QbellError, match="readout_map: expected edges"):
            plots.readout_map(bad, axes())
