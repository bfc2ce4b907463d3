"""Campaigns on devices with a queue: submit today, fetch tomorrow, lose nothing."""

from qbell.campaigns.jobs.fetch import fetch
from qbell.campaigns.jobs.status import JobStatus, Status, status
from qbell.campaigns.jobs.submit import submit

__all__ = ["JobStatus", "Status", "fetch", "status", "submit"]
