"""Where jobs run: IBM's service, this machine, or a sampler given in Python; one file each."""

from qbell.campaigns.queues.given_sampler import SamplerQueue
from qbell.campaigns.queues.queue import Outlook, Queue, Request
from qbell.campaigns.queues.registry import open_queue, queue_kind, queue_serving
from qbell.campaigns.queues.simulated_jobs import LocalQueue

__all__ = [
    "LocalQueue",
    "Outlook",
    "Queue",
    "Request",
    "SamplerQueue",
    "open_queue",
    "queue_kind",
    "queue_serving",
]
