"""The one exception that qbell raises on purpose."""


class QbellError(ValueError):
    """Something the caller can mend: bad input, an impossible size, a missing extra.

    The message is one line that says what was found, where, and what to do. The command line
    prints it behind ``error:`` and exits with 2.
    """
