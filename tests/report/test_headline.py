"""The sentence on top of a report."""

from typing import Any

import numpy as np
import pytest

import qbell
from qbell.report.headline import _of_qfi, headline
from qbell.report.summary import summarize
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    white_noise_ghz,
)


def said(shots: qbell.Shots) -> str:
    return headline(summarize(qbell.estimate(shots, resamples=100, seed=1)))


def test_bell_correlated(rng: Any) -> None:
    text = said(random_shots(probabilities(white_noise_ghz(4, 0.1)), 3000, rng))
    assert text.startswith("At 95 % confidence at least 4 of 4 qubits are Bell-correlated; p ")
    assert "against local realism. QFI ≥ 1" in text
    assert text.endswith("(shot noise 4, Heisenberg limit 16).")


@pytest.mark.parametrize(("noise", "words"), [(0.66, "qubits are entangled"), (1.0, "neither")])
def test_less_is_said_of_noisier_states(noise: float, words: str, rng: Any) -> None:
    text = said(full_shots(probabilities(white_noise_ghz(3, noise)), 800, rng))
    assert words in text
    assert "local realism" not in text


def test_no_claim_beside_a_failed_check(rng: Any) -> None:
    """Outcomes that never change are above N^2 in all settings."""
    shots = full_shots(np.tile(np.eye(8)[0], (8, 1)), 100, rng)
    text = said(shots)
    assert "othing is certified" in text
    assert "QFI ≥" not in text


@pytest.mark.parametrize(
    ("limit", "said"), [(31.0805, "31"), (0.29999, "0.299"), (99.99, "99.9"), (1234.9, "1230")]
)
def test_a_lower_limit_is_not_rounded_up(limit: float, said: str) -> None:
    assert _of_qfi(limit, 4).startswith(f"QFI ≥ {said} (")


@pytest.mark.parametrize(("limit", "there"), [(4.58, True), (2.9, False), (None, False)])
def test_few_body_moments_above_shot_noise_are_said(
    limit: float | None, there: bool, rng: Any
) -> None:
    shots = full_shots(probabilities(white_noise_ghz(3, 1.0)), 800, rng)
    summary = summarize(qbell.estimate(shots, resamples=100, seed=1))
    moments = None if limit is None else {"lower_limit": limit}
    text = headline({**summary, "moment_bound": moments})
    assert ("entanglement is shown by few-body moments" in text) == there
    assert ("neither Bell correlations nor entanglement" in text) == (not there)
    assert text.endswith("From few-body moments: QFI ≥ 4.58.") == there
