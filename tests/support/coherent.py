"""Shots of the ghz design from a known coherence and population alone, at any number of qubits."""

import numpy as np

from qbell.designs.schedule import schedule
from qbell.shots.shots import Shots


def coherent_shots(
    num_qubits: int,
    coherence: float,
    population: float,
    draws: int,
    rng: np.random.Generator,
    *,
    share: float = 0.25,
    shots: int = 1,
) -> Shots:
    """Outcomes of a state that is flat but for <0...0|rho|1...1> and the populations of both.

    In an even setting the outcomes are uniform given their parity, and x = +-1 has mean C. Along
    sigma_xi it is 0...0 or 1...1 with probability P, else any other word.
    """
    settings = schedule(num_qubits, "ghz", draws=draws, share=share, seed=int(rng.integers(2**31)))
    directions = np.repeat(settings.directions, shots, axis=0)
    bits = rng.integers(0, 2, size=directions.shape, dtype=np.uint8)
    along = (directions == 2).all(axis=1)
    x = rng.random(len(bits)) < (1 + coherence) / 2
    turns = np.where(along, 0, directions.sum(axis=1, dtype=np.int64)) // 2
    wanted = (turns + ~x) % 2  # parity of the outcomes
    bits[:, 0] ^= ((bits.sum(axis=1, dtype=np.int64) % 2) != wanted).astype(np.uint8)
    inside = rng.random(len(bits)) < population
    rest = along & ~inside
    bits[along & inside] = bits[along & inside][:, :1]
    same = rest & (bits == bits[:, :1]).all(axis=1)
    bits[same, 0] ^= 1
    return Shots(
        directions=directions,
        bits=bits,
        counts=np.ones(len(bits), dtype=np.int64),
        draws=np.repeat(np.arange(draws), shots),
        design="ghz",
        axis=settings.axis,
    )
