"""Trying again, later and later."""

from collections.abc import Callable
from dataclasses import dataclass
from time import sleep
from typing import TypeVar

from qbell.devices.ibm.problems import ServiceError, Uncertain

LONGEST = 300.0  # s that the service may ask to wait before we leave it to the caller
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Wait ``first`` seconds, then ``factor`` times longer each time but at most ``most``; give up
    after ``tries`` attempts. On top of what the client does: it repeats a request that met a 5xx up
    to five times within 15 seconds.

    >>> list(Patience(tries=4).waits)
    [1.0, 2.0, 4.0]
    """

    first: float = 1.0
    factor: float = 2.0
    most: float = 30.0
    tries: int = 5

    @property
    def waits(self) -> tuple[float, ...]:
        """Seconds between one attempt and the next."""
        return tuple(
            min(self.first * self.factor**attempt, self.most) for attempt in range(self.tries - 1)
        )


def persist(action: Callable[[], T], patience: Patience) -> T:
    """Do it, again after each passing problem. Never again where the first may have worked.

    Raises:
        ServiceError: the last problem, or the first that does not pass.
    """
    for wait in patience.waits:
        try:
            return action()
        except Uncertain:
            raise
        except ServiceError as problem:
            if not problem.passing or (problem.retry_after or 0.0) > LONGEST:
                raise
            sleep(max(wait, problem.retry_after or 0.0))
    return action()
