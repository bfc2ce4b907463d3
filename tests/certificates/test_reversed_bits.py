"""Bits in the order of another tool: where they look like signalling, the note says so."""

from dataclasses import replace

import numpy as np
import pytest

import qbell
from qbell.certificates.certify import certify
from qbell.certificates.reversed_bits import reversed_bits_note

HINT = "the reversed order of bits passes"


@pytest.fixture(scope="module", params=["random", "full"])
def shots(request: pytest.FixtureRequest) -> qbell.Shots:
    """Of a state whose qubits point in different directions."""
    state = qbell.product(3, theta=[0.4, 1.2, 2.0], phi=[0.1, 0.9, 2.2])
    if request.param == "full":
        return qbell.sample(state, qbell.schedule(3), shots=1000, seed=3)
    return qbell.sample(state, qbell.schedule(3, "random", draws=8000, seed=1), seed=2)


def mirrored(shots: qbell.Shots) -> qbell.Shots:
    return replace(shots, bits=np.ascontiguousarray(shots.bits[:, ::-1]))


def test_the_hint(shots: qbell.Shots) -> None:
    assert not any(HINT in note for note in certify(shots, None, 0.95).notes)
    notes = certify(mirrored(shots), None, 0.95).notes
    assert any("signalling found" in note for note in notes)
    (hint,) = [note for note in notes if HINT in note]
    assert "--bit-order first" in hint


def test_none_where_neither_order_passes(shots: qbell.Shots) -> None:
    bits = shots.bits.copy()
    bits[:, 0] ^= (shots.directions[:, 1] == 1) & (shots.directions[:, 2] == 1)
    assert reversed_bits_note(replace(shots, bits=bits), 1e-9) == []


def test_none_where_nothing_signals(shots: qbell.Shots) -> None:
    assert reversed_bits_note(mirrored(shots), None) == []
    assert reversed_bits_note(mirrored(shots), 0.5) == []
