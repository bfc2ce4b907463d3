"""Which queue a campaign's jobs go to: the one place that knows all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qbell.campaigns.queues.given_sampler import SamplerQueue
from qbell.campaigns.queues.ibm import IBMQueue
from qbell.campaigns.queues.queue import Queue
from qbell.campaigns.queues.simulated_jobs import LocalQueue
from qbell.campaigns.spec import Spec
from qbell.errors import QbellError

QUEUES: tuple[type[Queue], ...] = (LocalQueue, SamplerQueue, IBMQueue)  # IBM's takes any name


def queue_kind(where: object) -> type[Queue]:
    """The kind of queue that ``campaign.json`` names.

    Raises:
        QbellError: this version has no such queue.
    """
    for kind in QUEUES:
        if kind.where == where:
            return kind
    known = ", ".join(kind.where for kind in QUEUES)
    raise QbellError(
        f"the campaign runs on the queue {where!r}, and this qbell knows {known}; use the version "
        "that planned it"
    )


def queue_serving(backend: str) -> type[Queue]:
    """The kind of queue where a backend of this name is found."""
    return next(kind for kind in QUEUES if kind.serves(backend))


def open_queue(
    where: str, spec: Spec, folder: Path, given: Mapping[str, Any] | None = None
) -> Queue:
    """The queue of a campaign; ``given`` holds the user's own objects by the name of the queue."""
    return queue_kind(where)(spec, folder, (given or {}).get(where))
