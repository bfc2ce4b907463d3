"""Alias tables hold the probabilities they are made of, to rounding."""

import numpy as np
import pytest

from qbell.util.alias_tables import draw, fill


def probabilities(own: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What a table gives each number: read off it, nothing drawn."""
    shares = np.stack([own, 1 - own], axis=1).ravel() / len(own)
    return np.bincount(values, shares, minlength=len(own))


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("shape", ["equal", "random", "steep", "one", "zeros"])
def test_a_table_holds_its_weights(count: int, shape: str, rng: np.random.Generator) -> None:
    weights = {
        "equal": np.full(count, 3.0),
        "random": rng.random(count) + 1e-9,
        "steep": 0.5 ** np.arange(count),
        "one": np.eye(count)[count // 2],
        "zeros": np.where(np.arange(count) % 3 == 0, 1.0 + rng.random(count), 0.0),
    }[shape]
    own, values = np.empty(count), np.empty(2 * count, dtype=np.int64)
    fill(weights, own, values)
    found = probabilities(own, values)
    assert np.abs(found - weights / weights.sum()).max() < 1e-14
    assert not found[weights == 0].any()  # what cannot come has no share left by rounding


def test_a_value_is_looked_up_where_the_random_number_says() -> None:
    class Fixed:
        def __init__(self, number: float) -> None:
            self.number = number

        def random(self) -> float:
            return self.number

    own, values = np.array([9.0, 0.25, 1.0]), np.array([9, 9, 5, 6, 7, 8])
    looked_up = draw.__wrapped__  # as written, without Numba
    found = [looked_up(Fixed(x), own, values, 1, 2) for x in (0.0, 0.12, 0.13, 0.49, 0.5, 0.999)]
    assert found == [5, 5, 6, 6, 7, 7]


def test_draws_have_the_probabilities(rng: np.random.Generator) -> None:
    weights = np.array([5.0, 0.0, 1.0, 10.0, 4.0])
    own, values = np.empty(5), np.empty(10, dtype=np.int64)
    fill(weights, own, values)
    size = 20_000
    found = np.bincount([draw(rng, own, values, 0, 5) for _ in range(size)], minlength=5)
    expected = size * weights / weights.sum()
    kept = expected > 0
    chi2 = np.sum((found - expected)[kept] ** 2 / expected[kept])
    assert found[1] == 0
    assert chi2 < 30  # 3 degrees of freedom: a false alarm once in 700,000
