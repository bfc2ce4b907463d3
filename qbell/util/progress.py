"""How long work tells how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it was just done, and how much there is in all."""


@contextmanager
def one_step(what: str, progress: Progress | None) -> Iterator[None]:
    """Work that does not know how far it is: begun, and done.

    >>> with one_step("reading", lambda *told: print(*told)):
    ...     print("...")
    reading 0 1
    ...
    reading 1 1
    """
    if progress is not None:
        progress(what, 0, 1)
    yield
    if progress is not None:
        progress(what, 1, 1)
