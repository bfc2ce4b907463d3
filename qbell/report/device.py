"""What the page says of a device: how it was used, and the noise reference in words."""

import html
from typing import Any

from qbell.certificates.statement import p_text


def noise_said(summary: dict[str, Any]) -> str:
    """What the noise reference is, for the page; empty without one."""
    noise = summary["noise"]
    if noise is None:
        return ""
    of = "" if noise["calibrated"] is None else f", calibrated {noise['calibrated']}"
    text = (
        f"The noise reference is what the reported errors of {noise['device']}{of} predict. In the "
        "column of exact values it is that of the noisy state itself; as read out, with the errors "
        "of rotations and readout, it is what these shots estimate. It assumes: "
        f"{'; '.join(noise['assumptions'])}."
    )
    return f'<p class="how">{html.escape(text)}</p>\n'


def device_table(summary: dict[str, Any]) -> str:
    """How the device was used, as a table for the page; empty if no device was."""
    device = summary["device"]
    if device is None:
        return ""
    qubits, seconds = device.get("wires"), device.get("qpu_seconds")
    drift, twirling = device.get("reference_drift_p"), device.get("twirling")
    twirled = "none" if twirling is not None else None
    if twirling:
        twirled = f"{device.get('randomizations')} randomizations of each setting in each job"
    said = {
        "device": device.get("name"),
        "calibrated": device.get("calibrated"),
        "first job started": device.get("started"),
        "last job finished": device.get("finished"),
        "jobs": device.get("jobs"),
        "QPU time": None if seconds is None else f"{seconds:g} s",
        "dynamical decoupling": device.get("dynamical_decoupling") or "none",
        "measurement twirling": twirled,
        "physical qubits, qubit 0 first": None if qubits is None else ", ".join(map(str, qubits)),
        "p-value of no drift, reference jobs": None if drift is None else p_text(drift),
    }
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
        for name, value in said.items()
        if value is not None
    )
    return f"<h2>The device</h2><table>{rows}</table>\n"
