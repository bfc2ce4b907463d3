"""Campaigns on devices with a queue: submit today, fetch tomorrow, lose nothing."""

from qbell.campaigns.jobs.cancel import cancel
from qbell.campaigns.jobs.extend import extend
from qbell.campaigns.jobs.fetch import fetch
from qbell.campaigns.jobs.listed import campaigns_in
from qbell.campaigns.jobs.status import JobStatus, Status, status
from qbell.campaigns.jobs.submit import submit

__all__ = ["JobStatus", "Status", "campaigns_in", "cancel", "extend", "fetch", "status", "submit"]
