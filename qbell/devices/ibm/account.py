"""Where the client finds its account, read without the client and without the network."""

import json
import os
from pathlib import Path
from typing import Any

from qbell.errors import QbellError

TOKEN, INSTANCE = "QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE"
NO_ACCOUNT = (
    "no IBM account: run QiskitRuntimeService.save_account(token=..., instance=...) in Python "
    f"once, or set {TOKEN} and {INSTANCE}"
)
NO_CLIENT = "IBM devices need the extra ibm; run: pip install 'qbell[ibm]'"
_RETIRED = "ibm_quantum"  # a channel whose accounts the client ignores


def has_account() -> bool:
    """Whether an account is saved or in the environment. Looks, and asks nobody."""
    return bool(os.environ.get(TOKEN)) or any(
        account.get("token") and account.get("channel") != _RETIRED for account in saved_accounts()
    )


def need_account() -> None:
    """Refuse early.

    Raises:
        QbellError: no account, or the extra ``ibm`` is not installed.
    """
    from importlib.util import find_spec

    if find_spec("qiskit_ibm_runtime") is None:
        raise QbellError(NO_CLIENT)
    if not has_account():
        raise QbellError(NO_ACCOUNT)


def saved_accounts() -> list[dict[str, Any]]:
    """The accounts in ~/.qiskit/qiskit-ibm.json; none if it cannot be read."""
    try:
        path = Path.home() / ".qiskit" / "qiskit-ibm.json"
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return []
    if not isinstance(content, dict):
        return []
    return [account for account in content.values() if isinstance(account, dict)]


def known_secrets() -> tuple[str, ...]:
    """Tokens, instances and their parts of all accounts on this machine, longest first."""
    found = {os.environ.get(TOKEN, ""), os.environ.get(INSTANCE, "")}
    for account in saved_accounts():
        found |= {str(account.get("token") or ""), str(account.get("instance") or "")}
    for text in tuple(found):
        if text.startswith("crn:"):
            found |= {part.removeprefix("a/") for part in text.split(":")}
    # A short word, such as the name of an instance, is no secret and may be part of any text.
    return tuple(sorted((text for text in found if len(text) >= 20), key=len, reverse=True))
