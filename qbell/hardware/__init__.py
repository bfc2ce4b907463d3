"""Campaigns on devices with a queue: submit today, fetch tomorrow, lose nothing."""

from qbell.hardware.fetch import fetch
from qbell.hardware.status import JobStatus, Status, status
from qbell.hardware.submit import submit

__all__ = ["JobStatus", "Status", "fetch", "status", "submit"]
