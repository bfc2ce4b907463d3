"""Taking secrets out of texts that others wrote."""

import re
from urllib.parse import quote

from qbell.devices.ibm.account import known_secrets

HIDDEN = "[hidden]"
_PATTERNS = (
    re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"),  # JSON web tokens
    re.compile(r"crn(?::|%3A)v1[^\s\"'<>,;)]*", re.IGNORECASE),
    re.compile(r"(?<=://)[^/\s@\"']+@"),  # user and password in a URL
    re.compile(r"(?i)\b(?:bearer|apikey|api_key|token)[ =:]+[\"']?[A-Za-z0-9._~+/=-]{12,}"),
    re.compile(r"\ba/[0-9a-f]{32}\b"),  # an account
    re.compile(r"\bIBMid-\w+"),
)


def redacted(text: object) -> str:
    """``text`` without API keys, access tokens, instances, accounts, and passwords in URLs.

    What the account file and the environment hold is hidden wherever it stands; the rest by its
    form.

    >>> redacted("see https://me:pass@host/crn:v1:bluemix:public:x:us-east:a/1:2::")
    'see https://[hidden]host/[hidden]'
    """
    result = str(text)
    for secret in known_secrets():
        for form in (secret, quote(secret, safe=""), quote(secret)):
            result = result.replace(form, HIDDEN)
    for pattern in _PATTERNS:
        result = pattern.sub(HIDDEN, result)
    return result


def one_line(text: object, most: int = 240) -> str:
    """The redacted text in one line of at most ``most`` characters."""
    line = " ".join(redacted(text).split())
    return line if len(line) <= most else line[: most - 3] + "..."
