"""A design put into the table answers for itself, and claims nothing that it does not say."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

import qbell
from qbell import designs
from qbell.certificates import certify
from qbell.designs import DESIGNS, Claim, Design, find_design
from qbell.designs.base import Directions
from qbell.estimator.dispatch import ESTIMATORS, estimator_of
from qbell.shots.shots import Shots


class Silent(Design):
    """A design that says as little as it can."""

    name = "silent"
    looks = "as in random"
    says = "Nothing."
    estimator = "drawn"
    drawn = True
    default_shots = 1

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        return rng.integers(0, 2, size=(draws, num_qubits), dtype=np.uint8)


class Trusting(Silent):
    """The same, as a witness."""

    name = "trusting"
    claim: Claim = "witness"  # type: ignore[misc]


class Lost(Silent):
    """Names an estimator that is not there."""

    name = "lost"
    estimator = "nowhere"


@pytest.fixture(autouse=True)
def _more_designs(monkeypatch: pytest.MonkeyPatch) -> None:
    added: Mapping[str, Design] = MappingProxyType(
        {**DESIGNS, **{kind.name: kind for kind in (Silent(), Trusting(), Lost())}}
    )
    monkeypatch.setattr(designs, "DESIGNS", added)


def ghz_shots(design: str) -> Shots:
    """Without noise, in 400 random settings: as a random design it certifies all four qubits."""
    shots = qbell.sample(qbell.ghz(4), qbell.schedule(4, "random", draws=400, seed=1), seed=2)
    return dataclasses.replace(shots, design=design)


def test_the_data_would_certify_all() -> None:
    certificate = qbell.estimate(ghz_shots("random")).certificate
    assert certificate.bell_qubits == certificate.entanglement_depth == 4
    assert certificate.p_value is not None


def test_by_default_a_design_claims_nothing() -> None:
    certificate = qbell.estimate(ghz_shots("silent")).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0
    assert certificate.nonlocality_depth == certificate.entanglement_depth == 1
    assert set(dataclasses.asdict(certificate.claims).values()) == {"none", "raw"}
    assert any("makes no claim" in note for note in certificate.notes)


def test_a_witness_makes_no_bell_claim() -> None:
    certificate = qbell.estimate(ghz_shots("trusting")).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0
    assert certificate.entanglement_depth == 4
    assert any("makes no Bell claim" in note for note in certificate.notes)


def test_what_is_unknown_raises() -> None:
    with pytest.raises(qbell.QbellError, match="estimator 'nowhere', which is unknown"):
        qbell.estimate(ghz_shots("lost"))
    with pytest.raises(qbell.QbellError, match="design 'unheard' is unknown; use full, "):
        qbell.schedule(3, "unheard", draws=5)
    with pytest.raises(qbell.QbellError, match="design 'unheard' is unknown"):
        certify(ghz_shots("unheard"), 0.2, 0.95)


def test_it_is_scheduled() -> None:
    """Settings, text and checks come from the class alone."""
    made = qbell.schedule(5, "silent", draws=30, seed=3)
    assert made.frame.columns.tolist() == ["setting", "draw"]
    with pytest.raises(qbell.QbellError, match="needs draws"):
        qbell.schedule(5, "silent")
    with pytest.raises(qbell.QbellError, match="order = belongs to"):
        qbell.schedule(5, "silent", draws=30, order=2)


@pytest.mark.parametrize("name", list(DESIGNS))
def test_every_design_is_whole(name: str) -> None:
    """What it says and names is there, and its text can be read back."""
    kind = find_design(name)
    if kind.measures_stars:
        kind = kind.on((), qbell.stars(4).graph())
    assert estimator_of(kind) in ESTIMATORS.values()
    assert kind.says.endswith(".")
    assert kind.looks
    assert kind.no_bell_reason or kind.claim == "bell" or kind.needs_order or kind.no_depth_reason
    rows = kind.directions(4, draws=30, order=2, rng=np.random.default_rng(1))
    assert rows.max() < kind.num_directions(4)
    np.testing.assert_array_equal(kind.parse(kind.spell(rows).tolist(), 4), rows)
    assert kind.azimuths(rows).shape == rows.shape
    assert not kind.misfits(rows).any()
