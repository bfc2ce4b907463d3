"""The client's warnings and log lines, kept off stderr: they name instances and even tokens.

What matters in them comes as an error or a value of this package.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

LOGGERS = ("qiskit_ibm_runtime", "urllib3", "ibm-cloud-sdk-core", "ibm_cloud_sdk_core")
NO_TOKEN = "Unable to retrieve IBM Cloud access token"


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the client, whatever level its loggers have.

    One warning becomes an error: that no access token could be had. The client would go on, and
    send the API key itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("qiskit_ibm_runtime")  # sets its logger's level, so it comes first
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=NO_TOKEN)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
