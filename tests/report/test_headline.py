"""The sentence on top of a report."""

from typing import Any

import numpy as np
import pytest

import qbell
from qbell.report.headline import _of_qfi, headline, qfi_limits
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
    assert _of_qfi({"Eq. (24)": limit}, 4, 0.95).startswith(f"QFI ≥ {said} (")


@pytest.mark.parametrize(("limit", "above"), [(4.58, True), (2.9, False), (None, False)])
def test_every_limit_is_named(limit: float | None, above: bool, rng: Any) -> None:
    """Also the lower one: the highest alone would be a choice made after the data."""
    shots = full_shots(probabilities(white_noise_ghz(3, 1.0)), 800, rng)
    summary = summarize(qbell.estimate(shots, resamples=100, seed=1))
    moments = None if limit is None else {"lower_limit": limit}
    bound = {**summary["bound"], "lower_limit": 0.5}
    text = headline({**summary, "bound": bound, "moment_bound": moments})
    assert text.startswith("At 95 % confidence neither Bell correlations nor ")
    assert ("nor an entanglement depth is certified" in text) == above
    assert text.endswith("A QFI above shot noise shows entanglement.") == above
    if limit is None:
        assert text.endswith("QFI ≥ 0.5 (shot noise 3, Heisenberg limit 9).")
    else:
        said = f"QFI ≥ 0.5 by Eq. (24), ≥ {limit} by few-body moments (shot noise 3, Heisenberg "
        assert f"{said}limit 9): each by itself at 95 %, both at 90 %." in text


def test_limits_of_all_designs() -> None:
    """K1, F0 and N² C²/P are there where they are measured; a missing one counts as nothing."""
    estimates = {"bound": 9.0, "f0": 10.0, "k1": 12.0, "moment_bound": np.nan, "qfi_ghz": 14.0}
    summary: dict[str, Any] = {key: {"lower_limit": x} for key, x in estimates.items()}
    found = qfi_limits({**summary, "design": "random3"})
    assert found == {"Eq. (24)": 9.0, "F0": 10.0, "K1": 12.0, "few-body moments": 0.0}
    text = _of_qfi(found, 4, 0.99)
    assert text.startswith("QFI ≥ 9 by Eq. (24), ≥ 10 by F0, ≥ 12 by K1, ≥ 0 by few-body moments (")
    assert text.endswith(": each by itself at 99 %, all 4 at 96 %.")
    ghz = {"bound": summary["bound"], "qfi_ghz": summary["qfi_ghz"], "design": "ghz"}
    assert qfi_limits(ghz) == {"Eq. (24)": 9.0, "N² C²/P": 14.0}
    stopped = {**ghz, "stop": {}, "anytime": {"bound": {"low": 3.0}, "qfi_ghz": {"low": 4.0}}}
    assert qfi_limits(stopped) == {"Eq. (24)": 3.0, "N² C²/P": 4.0}
