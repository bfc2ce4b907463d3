"""Notes of the summary on few random settings."""

import numpy as np
import pytest

import qbell
from qbell.estimator.drawn import seldom
from qbell.report.summary import summarize
from tests.estimator.test_designs_estimated import draw_shots, pure, schedule_of


def notes_of(draws: int, shots: int, rng: np.random.Generator) -> str:
    data = draw_shots(pure(qbell.plus(3)), schedule_of("random", 3), shots, rng, draws=draws)
    return "\n".join(summarize(qbell.estimate(data, resamples=200))["notes"])


@pytest.mark.parametrize(
    ("draws", "shots", "fewest"),
    [(30, 20, 40), (50, 20, None), (50, 1, 100), (90, 20, 100), (110, 20, None)],
)
def test_from_how_many_draws_on_the_interval_holds(
    draws: int, shots: int, fewest: int | None, rng: np.random.Generator
) -> None:
    """Draws of several shots are allowed for; from 87 on they are post-stratified."""
    notes = notes_of(draws, shots, rng)
    assert ("random settings: the bound's interval may cover less" in notes) == (fewest is not None)
    assert fewest is None or f"fewer than {fewest} random settings" in notes


def test_with_too_many_settings_nothing_is_allowed_for(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(seldom, "MOST_CELLS", 1)
    assert "fewer than 200 random settings" in notes_of(50, 20, rng)


def test_why_an_interval_is_degenerate(rng: np.random.Generator) -> None:
    schedule = schedule_of("random", 3)
    rest = schedule.directions[1:]
    data = draw_shots(
        pure(qbell.plus(3)), type(schedule)("random", schedule.axis, rest), 20, rng, draws=40
    )
    notes = "\n".join(summarize(qbell.estimate(data, resamples=200))["notes"])
    assert "degenerate: some settings came too seldom" in notes
