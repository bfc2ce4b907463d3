"""IBM's service, in plain words: the only package that talks to it.

Everything else of qbell knows jobs, reports and `ServiceError`; the client's objects, exceptions,
warnings and log lines end here, and with them whatever they say of tokens and accounts.
"""

from qbell.devices.ibm.account import has_account
from qbell.devices.ibm.problems import ServiceError, Uncertain
from qbell.devices.ibm.records import Allowance, DeviceStatus, JobReport
from qbell.devices.ibm.redaction import redacted
from qbell.devices.ibm.retry import Patience
from qbell.devices.ibm.sampler import JobOptions, sampler_for
from qbell.devices.ibm.service import Service

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
