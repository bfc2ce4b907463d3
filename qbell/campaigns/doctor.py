"""What is installed here and works: packages, extras, backends, an account, speed."""

import os
import platform
import tempfile
import time
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qbell.util.threads import cores

PACKAGES = ("qbell", "qiskit", "qiskit-aer", "numpy", "scipy", "pandas", "numba", "matplotlib")
EXTRAS = {
    "ibm": ("qiskit_ibm_runtime", "IBM's devices and their snapshots"),
    "mps": ("quimb", "matrix product states handed on to quimb"),
    "dask": ("distributed", "work spread over a Dask cluster"),
    "mitigation": ("mthree", "readout correction by mthree"),
    "parquet": ("pyarrow", "shots in Parquet files"),
}


def examine() -> dict[str, Any]:
    """What `qbell doctor` shows. It asks no service, and shows no token.

    Returns:
        python, system, packages (name: version, None if missing), extras (name: installed, what it
        is for), backends (aer: works; snapshots: how many), ibm_account (whether one is saved or in
        the environment), cores, numba_cache (whether compiled kernels can be kept), and seconds of
        a small campaign: GHZ of 6 qubits, 64 settings of 1000 shots, sampled and estimated, in a
        process that has loaded everything.

    >>> examine()["packages"]["qbell"]
    '0.1.0'
    """
    extras = {
        name: {"installed": find_spec(module) is not None, "for": what}
        for name, (module, what) in EXTRAS.items()
    }
    ibm = bool(extras["ibm"]["installed"])
    works, seconds = _small_campaign()
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "extras": extras,
        "backends": {"aer": works, "snapshots": _snapshots() if ibm else 0},
        "ibm_account": _account() if ibm else False,
        "cores": cores(),
        "numba_cache": _numba_cache(),
        "seconds": seconds,
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _small_campaign() -> tuple[bool, float | None]:
    from qbell.designs.schedule import schedule
    from qbell.estimator import estimate
    from qbell.sampling.sample import sample
    from qbell.states import GHZ

    def once() -> float:
        start = time.perf_counter()
        estimate(sample(GHZ(6), schedule(6), shots=1000, seed=1), seed=1)
        return time.perf_counter() - start

    try:
        once()  # loads and compiles
        return True, round(once(), 3)
    except Exception:  # whatever is broken here is what the reader wants to know
        return False, None


def _snapshots() -> int:
    from qbell.devices.backends import snapshots

    try:
        return len(snapshots())
    except Exception:
        return 0


def _account() -> bool:
    from qbell.devices.ibm import has_account

    try:
        return has_account()
    except Exception:
        return False


def _numba_cache() -> bool:
    """Whether some folder takes compiled kernels: the package's, the user's or a temporary one."""
    folders = (
        os.environ.get("NUMBA_CACHE_DIR"),
        Path(__file__).parent,
        Path.home() / ".cache",
        tempfile.gettempdir(),
    )
    return any(folder and os.access(folder, os.W_OK) for folder in folders)
