"""What a campaign certifies that ended because of what was seen: only what holds at any time."""

from dataclasses import replace
from typing import Any

from qbell.certificates.certificate import Certificate, Claims
from qbell.certificates.registry import CLAIMS
from qbell.certificates.statement import PValue

STOPPED = (
    "shots were taken until a rule on them held ([stop]): only the p-values that hold at any time "
    "are stated, no depths; intervals of estimates are those of a fixed number of shots, and "
    "limits that hold whenever one stops stand beside them (anytime)"
)


def at_any_time(certificate: Certificate) -> Certificate:
    """The certificate without statements that hold at a fixed number of shots alone."""
    numbers: dict[str, Any] = {}
    claims: dict[str, str] = {}
    for statement in CLAIMS:
        kept = statement.anytime if isinstance(statement, PValue) else ()
        numbers |= {key: value for key, value in statement.absent.items() if key not in kept}
        claims[statement.key] = "none"
        if statement.key in kept:
            claims[statement.key] = getattr(certificate.claims, statement.key)
    return replace(
        certificate,
        **numbers,
        claims=Claims(**claims, provenance=certificate.claims.provenance),
        notes=(STOPPED, *certificate.notes),
    )
