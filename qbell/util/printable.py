"""Text for a terminal."""


def printable(text: str) -> str:
    """The text without characters that command a terminal, as names of files may hold them.

    >>> printable("state\\x1b[2J.qasm")
    'state\\\\x1b[2J.qasm'
    """
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else letter.encode("unicode_escape").decode()
        for letter in text
    )
