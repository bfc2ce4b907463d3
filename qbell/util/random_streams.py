"""Places in a stream of random numbers: split work draws what it would draw in one piece."""

from typing import Any

import numpy as np


def generator_at(seed: int, place: int) -> np.random.Generator:
    """``numpy.random.default_rng(seed)`` behind its first ``place`` numbers in [0, 1).

    >>> whole = np.random.default_rng(7).random(5)
    >>> bool((generator_at(7, 3).random(2) == whole[3:]).all())
    True
    """
    generator = np.random.default_rng(seed)
    numbers: Any = generator.bit_generator
    numbers.advance(place)  # one step of PCG64 a number
    return generator
