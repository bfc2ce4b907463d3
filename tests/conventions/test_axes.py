"""The directions sigma_1, sigma_2, xi and the frame that takes Z to sigma_xi."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, parse_axis
from qbell.errors import QbellError
from tests.support.naive import X, Y, Z, pauli

random = np.random.default_rng(20210506)
VECTORS: list[Sequence[float]] = [
    (0, 0, -1),
    (0, 0, 2.5),
    (-1, 0, 0),
    (0, -3, 0),
    (1, 1, 1),
    (1, -1, 0),
    (-0.0, 0.0, -1.0),
    *random.normal(size=(20, 3)).tolist(),
]
# Close to a pole an angle taken from the cosine loses half of the digits.
NEARLY_Z: list[Sequence[float]] = [
    (size * x, size * y, z)
    for size in (1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-12)
    for x, y, z in [(1, 0, 1), (-1, 1, 1), (0, 1, -1), (1, -2, -1)]
]


def assert_right_handed_frame(axis: Axis) -> None:
    """Orthonormal, right-handed, and F takes X, Y, Z to sigma_1, sigma_2, sigma_xi."""
    directions = np.array([axis.sigma_1, axis.sigma_2, axis.xi])
    np.testing.assert_allclose(directions @ directions.T, np.eye(3), rtol=0, atol=1e-14)
    np.testing.assert_allclose(np.cross(axis.sigma_1, axis.sigma_2), axis.xi, rtol=0, atol=1e-14)
    frame = axis.frame()
    np.testing.assert_allclose(frame @ frame.conj().T, np.eye(2), rtol=0, atol=1e-14)
    for operator, direction in zip((X, Y, Z), directions, strict=True):
        turned = frame @ operator @ frame.conj().T
        np.testing.assert_allclose(turned, pauli(direction), rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("name", "expected"), [("z", (X, Y, Z)), ("x", (Y, Z, X)), ("y", (Z, X, Y))]
)
def test_named_axes_are_pauli_directions(
    name: str, expected: tuple[NDArray[np.complex128], ...]
) -> None:
    """z: (X, Y, Z); x: (Y, Z, X); y: (Z, X, Y); capital letters too."""
    axis = parse_axis(name)
    assert axis == parse_axis(name.upper())
    assert axis.name == name
    for direction, operator in zip((axis.sigma_1, axis.sigma_2, axis.xi), expected, strict=True):
        np.testing.assert_array_equal(pauli(direction), operator)
    assert_right_handed_frame(axis)


def test_frame_of_z_is_the_identity() -> None:
    """So that values of axis z carry no extra phase."""
    np.testing.assert_array_equal(parse_axis("z").frame(), np.eye(2))


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_frame_of_a_vector(vector: Sequence[float]) -> None:
    """xi is the normalised vector, the rest follows."""
    axis = parse_axis(vector)
    length = np.linalg.norm(vector)
    np.testing.assert_allclose(axis.xi, np.array(vector) / length, rtol=0, atol=1e-15)
    assert_right_handed_frame(axis)


@pytest.mark.parametrize("vector", NEARLY_Z, ids=str)
def test_frame_of_a_vector_close_to_z(vector: Sequence[float]) -> None:
    """No loss of digits near the poles."""
    assert_right_handed_frame(parse_axis(vector))


@pytest.mark.parametrize(
    ("vector", "name"), [((0, 0, 7), "z"), ((0.5, 0, 0), "x"), ([0, 3, 0], "y")]
)
def test_vector_along_a_named_axis_is_that_axis(vector: Sequence[float], name: str) -> None:
    """The same directions for the same axis, whichever way it is written."""
    assert parse_axis(vector) == parse_axis(name)
    assert parse_axis(np.array(vector)) == parse_axis(name)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_length_of_a_vector_does_not_matter(size: float) -> None:
    """Any finite length above zero, also where its square is not a float any more."""
    axis = parse_axis((size, size, 0))
    np.testing.assert_allclose(axis.xi, [math.sqrt(0.5), math.sqrt(0.5), 0], rtol=0, atol=1e-15)


def test_axis_passes_through_unchanged() -> None:
    """An `Axis` is accepted wherever a name is."""
    axis = parse_axis((1, 2, 3))
    assert parse_axis(axis) is axis


def test_vector_axis_can_be_read_back_from_its_name() -> None:
    """The name is what a run records: it holds every digit of xi."""
    axis = parse_axis((1, 2, 3))
    assert tuple(float(part) for part in axis.name.split(",")) == axis.xi


@pytest.mark.parametrize(
    "bad",
    [
        "w",
        "",
        "zz",
        (0, 0, 0),
        (1, 2),
        (1, 2, 3, 4),
        ((1, 0, 0),),
        (np.nan, 0, 1),
        (np.inf, 0, 1),
        3.0,
        None,
        ("a", "b", "c"),
        (1j, 0, 0),
        ((1, 0), (0, 1), 2),
    ],
    ids=repr,
)
def test_no_axis(bad: object) -> None:
    """One line that says what was given and what to give instead."""
    with pytest.raises(QbellError, match=r"axis .*give x, y, z or a vector") as caught:
        parse_axis(bad)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
