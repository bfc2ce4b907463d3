"""The loop over resamples, in chunks on all cores or on a cluster.

Results do not depend on how many cores or workers there are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.util.cluster import Cluster, spread
from qbell.util.threads import in_threads_if_long

Floats = NDArray[np.float64]
Work = Callable[[np.random.Generator, slice], tuple[Floats, ...]]
Chunk = tuple[np.random.SeedSequence, slice]

CHUNK = 25  # resamples that share one random stream


@dataclass(frozen=True)
class Resampling:
    """How data are resampled.

    Attributes:
        count: how often.
        seed: spawns one child for each chunk.
        step: called with the number of resamples just done.
        cluster: whose workers take the chunks; None for this machine.
    """

    count: int
    seed: np.random.SeedSequence
    step: Callable[[int], None] | None = None
    cluster: Cluster | None = None

    def in_chunks(self, work: Work) -> tuple[Floats, ...]:
        """Arrays (count, ...) put together from those of each chunk.

        Args:
            work: called with a chunk's random generator and which resamples it holds; returns
                arrays with one row for each of them.

        >>> how = Resampling(60, np.random.SeedSequence(1))
        >>> how.in_chunks(lambda generator, rows: (np.full(rows.stop - rows.start, 0.5),))[0].shape
        (60,)
        """
        starts = range(0, self.count, CHUNK)
        rows = [slice(start, min(start + CHUNK, self.count)) for start in starts]

        def one(chunk: Chunk) -> tuple[Floats, ...]:
            return work(np.random.default_rng(chunk[0]), chunk[1])

        def done(chunk: Chunk) -> None:
            if self.step is not None:
                self.step(chunk[1].stop - chunk[1].start)

        chunks = list(zip(self.seed.spawn(len(rows)), rows, strict=True))
        parts = spread(one, chunks, self.cluster, done, in_threads_if_long)
        return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
