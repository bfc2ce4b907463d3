"""Random values of any finite distribution, each from one random number and one look into a table.

Every place of a table of k values holds the probability 1 / k: a part of it is the place's own
value's, the rest another's, its alias. A place is drawn, and one of the two: exact to the rounding
of the random number. Source: A. J. Walker, ACM Trans. Math. Softw. 3, 253 (1977); filled as by
M. D. Vose, IEEE Trans. Softw. Eng. 17, 972 (1991).
"""

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def fill(weights: Floats, own: Floats, values: Integers) -> None:
    """Fill the table of the numbers 0 ... k - 1, with probabilities in proportion to ``weights``.

    ``own`` (k,) becomes the share of each place that is its own number's; ``values`` (2 k,) become
    this number and its alias, place by place.
    """
    count = len(weights)
    scale = count / weights.sum()
    todo = np.empty(count, dtype=np.int64)  # places filled too little first, others from the end
    less, more = 0, count
    for i in range(count):
        own[i] = weights[i] * scale
        values[2 * i] = values[2 * i + 1] = i
        if own[i] < 1.0:
            todo[less] = i
            less += 1
        else:
            more -= 1
            todo[more] = i
    while less > 0 and more < count:
        less -= 1
        low, high = todo[less], todo[more]
        values[2 * low + 1] = high
        own[high] -= 1.0 - own[low]
        if own[high] < 1.0:
            more += 1
            todo[less] = high
            less += 1
    for i in range(less):  # all but rounding is dealt out
        own[todo[i]] = 1.0
    for i in range(more, count):
        own[todo[i]] = 1.0


@compiled
def draw(
    generator: np.random.Generator, own: Floats, values: Integers, first: int, count: int
) -> int:
    """A value of the table at places ``first`` to ``first + count``."""
    x = generator.random() * count
    place = np.int64(x)
    at = first + place
    # Which of the two is no branch, which a processor would guess wrong half of the time.
    value: int = values[2 * at + np.int64(x - place >= own[at])]
    return value
