"""The campaigns below a folder, and how far each is; nobody is asked for that."""

from collections import Counter
from pathlib import Path
from typing import Any

from qbell.campaigns.folder import PLAN_FILE, SCAN_FILE, SPEC_FILE, SUMMARY_FILE
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.jobs.status import logs_of
from qbell.campaigns.spec import read_spec
from qbell.errors import QbellError
from qbell.shots.read_shots import RUN_FILE


def campaigns_in(folder: Path) -> list[dict[str, Any]]:
    """A record for each campaign or run below a folder, sorted by path.

    Returns:
        Of each ``folder family n design backend created landed jobs states report problem``;
        ``design`` is ``scan, echo`` or ``scan, parity`` of a phase scan; ``landed``, ``jobs`` and
        ``states`` are null for `qbell run` here, ``report`` says whether there is one, and
        ``problem`` why a folder cannot be read, else null.

    Raises:
        QbellError: no such folder.
    """
    if not folder.is_dir():
        raise QbellError(f"{folder} is no folder; give one with campaigns in it")
    names = (PLAN_FILE, RUN_FILE, SCAN_FILE)
    homes = {path.parent for name in names for path in sorted(folder.rglob(name))}
    whole = {home for home in homes if (home / PLAN_FILE).exists()}
    return [_record(home) for home in sorted(homes) if home.parent not in whole]


def _record(home: Path) -> dict[str, Any]:
    names = ("family", "n", "design", "backend", "created", "landed", "jobs", "states")
    record: dict[str, Any] = {"folder": str(home), **dict.fromkeys(names)}
    record |= {"report": (home / SUMMARY_FILE).exists(), "problem": None}
    try:
        if (home / PLAN_FILE).exists():
            plan = read_plan(home)
            states = Counter(log.state for log in logs_of(plan))
            spec = plan.spec
            record |= {"created": plan.created, "landed": states["landed"]}
            record |= {"jobs": len(plan.jobs), "states": dict(states)}
            record["n"] = plan.measured.num_qubits
        elif (home / SPEC_FILE).exists():
            spec = read_spec(home / SPEC_FILE)
            record["n"] = spec.num_qubits
        else:
            return record
        record |= {
            "family": spec.family if spec.circuit is None else spec.circuit.name,
            "design": spec.design if spec.scan is None else f"scan, {spec.scan.read_out}",
            "backend": spec.backend,
        }
    except QbellError as error:
        record["problem"] = str(error)
    return record
