"""IBM's service, in plain words: the only package that talks to it.

Everything else of qbell knows jobs, reports and `ServiceError`; the client's objects, exceptions,
warnings and log lines end here, and with them whatever they say of tokens and accounts.
"""

from qbell.service.account import has_account
from qbell.service.patience import Patience
from qbell.service.problems import ServiceError, Uncertain
from qbell.service.records import Allowance, DeviceStatus, JobReport
from qbell.service.redaction import redacted
from qbell.service.sampler import JobOptions, sampler_for
from qbell.service.service import Service

__all__ = [
    "Allowance",
    "DeviceStatus",
    "JobOptions",
    "JobReport",
    "Patience",
    "Service",
    "ServiceError",
    "Uncertain",
    "has_account",
    "redacted",
    "sampler_for",
]
