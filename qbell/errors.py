"""The one exception that qbell raises on purpose."""


class QbellError(ValueError):
    """Something that the caller can correct: bad input, an impossible size, a missing extra.

    The message is one line that says what was found, where, what was expected, and what to do. The
    command line prints it after ``error:`` and exits with 2.

    >>> import qbell
    >>> try:
    ...     qbell.ghz(1)
    ... except qbell.QbellError as error:
    ...     print(type(error).__name__)
    QbellError
    """
