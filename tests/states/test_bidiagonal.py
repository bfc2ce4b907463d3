"""Singular vectors of bidiagonal matrices: LAPACK's routine for them against that for any."""

import numpy as np
import pytest

from qbell.states.free_fermions import bidiagonal
from qbell.states.free_fermions.bidiagonal import bidiagonal_svd


@pytest.mark.parametrize("u", [-1.0, -3.0, 0.4])
def test_the_matrix_comes_out_and_the_vectors_are_orthogonal(u: float) -> None:
    """Above and below the size where the routine changes; a lowest value below rounding too."""
    assert bidiagonal._dbdsdc() is not None
    for size in (2, bidiagonal.SMALL, bidiagonal.SMALL + 1):
        matrix = np.eye(size) + u * np.eye(size, k=-1)
        left, values, right = bidiagonal_svd(np.ones(size), np.full(size - 1, u))
        np.testing.assert_allclose(left * values @ right, matrix, rtol=0, atol=3e-14)
        for vectors in (left, right):
            np.testing.assert_allclose(vectors.T @ vectors, np.eye(size), rtol=0, atol=2e-14)
        np.testing.assert_allclose(values, np.linalg.svd(matrix)[1], rtol=0, atol=1e-14)
        assert (np.diff(values) <= 0).all()


def test_without_the_routine_the_general_one_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    size = bidiagonal.SMALL + 1
    expected = bidiagonal_svd(np.ones(size), np.full(size - 1, -1.0))[1]
    monkeypatch.setattr(bidiagonal, "_dbdsdc", lambda: None)
    found = bidiagonal_svd(np.ones(size), np.full(size - 1, -1.0))[1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)
