"""What chance allows in repeated random experiments."""

from scipy import stats


def most(runs: int, chance: float, alarm: float = 1e-5) -> int:
    """The largest number of ``runs`` of this ``chance``; more have probability ``alarm``."""
    return int(stats.binom.isf(alarm, runs, chance))


def least(runs: int, chance: float, alarm: float = 1e-5) -> int:
    """The smallest number of ``runs`` of this ``chance``; fewer have probability ``alarm``."""
    return runs - most(runs, 1 - chance, alarm)
