"""The loop over resamples, in chunks on all cores; results do not depend on how many there are."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qbell.util.threads import in_threads_if_long

Floats = NDArray[np.float64]
Work = Callable[[np.random.Generator, slice], tuple[Floats, ...]]

CHUNK = 25  # resamples that share one random stream


def in_chunks(
    work: Work,
    resamples: int,
    seed: np.random.SeedSequence,
    progress: Callable[[int], None] | None = None,
) -> tuple[Floats, ...]:
    """Arrays (resamples, ...) put together from those of each chunk.

    Args:
        work: called with a chunk's random generator and which resamples it holds; returns arrays
            with one row for each of them.
        resamples: how many in all.
        seed: spawns one child for each chunk.
        progress: called with the number of resamples just done.

    >>> half = in_chunks(lambda generator, rows: (np.full(rows.stop - rows.start, 0.5),), 60,
    ...                  np.random.SeedSequence(1))[0]
    >>> half.shape
    (60,)
    """
    starts = range(0, resamples, CHUNK)
    children = seed.spawn(len(starts))

    def one(chunk: int) -> tuple[Floats, ...]:
        rows = slice(starts[chunk], min(starts[chunk] + CHUNK, resamples))
        arrays = work(np.random.default_rng(children[chunk]), rows)
        if progress is not None:
            progress(rows.stop - rows.start)
        return arrays

    parts = in_threads_if_long(one, range(len(starts)))
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
