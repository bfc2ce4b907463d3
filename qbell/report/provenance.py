"""Where a report's numbers come from: spec, versions, device, checksums, files beside it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ABOUT = {
    "counts.csv": "the shots: setting, bitstring, count",
    "correlators.csv": "all correlators with their intervals",
    "summary.json": "all numbers of this page",
    "run.json": "how the shots were taken",
    "spec.toml": "the campaign",
    "oscillation.csv": "parity against the angle",
    "harmonics.csv": "its Fourier components",
    "calibration.csv": "the readout calibration",
    "device.json": "the device as it was calibrated",
    "noise.json": "the noise reference",
    "schedule.csv": "which job measures what",
}
"""What the files of a campaign's folder hold."""


@dataclass(frozen=True)
class Provenance:
    """What the folder of a campaign says of its origin.

    Attributes:
        spec: text of the spec; None of bare shots.
        versions: of the packages that took the shots.
        digests: SHA-256 of files, by name.
        files: names of the files beside the page.
    """

    spec: str | None
    versions: Mapping[str, str]
    digests: Mapping[str, str]
    files: tuple[str, ...]


def provenance_section(summary: dict[str, Any], found: Provenance) -> str:
    """The section of the page."""
    device = summary["device_map"] or {}
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    said = {
        "backend": summary["backend"] or "not recorded",
        "calibrated": (summary["device"] or {}).get("calibrated") or device.get("calibrated"),
        "seed": "not recorded" if summary["seed"] is None else summary["seed"],
        "versions": versions or None,
    }
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>'
        for name, value in said.items()
        if value is not None
    )
    files = "".join(
        f'<tr><th scope="row"><a href="{html.escape(name)}">{html.escape(name)}</a></th>'
        f"<td>{html.escape(ABOUT.get(name, ''))}</td>"
        f"<td><code>{html.escape(found.digests.get(name, ''))}</code></td></tr>"
        for name in found.files
    )
    spec = ""
    if found.spec is not None:
        text = html.escape(found.spec.strip())
        spec = f'<h3>The spec</h3><pre tabindex="0">{text}</pre>\n'
    return (
        f'<h2>Where this comes from</h2>\n<table class="said">{rows}</table>\n'
        "<h3>Files beside this page</h3>\n"
        '<table class="said files"><tr><th scope="col">file</th><th scope="col">holds</th>'
        f'<th scope="col">SHA-256</th></tr>{files}</table>\n{spec}'
    )
