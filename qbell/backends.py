"""Backends by name: `aer`, and the dated snapshots of IBM devices called `fake_*`."""

import warnings
from typing import Any

from qbell.errors import QbellError

IDEAL = "aer"


def find_backend(backend: Any) -> Any:
    """The BackendV2 of a name, or the object itself; None for ``aer``, the ideal simulator.

    Raises:
        QbellError: no such backend here, or the extra ``ibm`` is not installed.
    """
    if backend is None or backend == IDEAL:
        return None
    if not isinstance(backend, str):
        if not hasattr(backend, "target"):
            raise QbellError(
                f"a {type(backend).__name__} is no backend; give a name or a Qiskit BackendV2"
            )
        return backend
    if not backend.startswith("fake_"):
        raise QbellError(
            f"backend {backend!r}: this version runs aer and the fake_* devices; take the shots "
            "with any SamplerV2 (sample(..., sampler=...)), or give one of these names"
        )
    try:
        from qiskit_ibm_runtime.fake_provider import FakeProviderForBackendV2
    except ImportError as error:
        raise QbellError(
            f"backend {backend} comes with the extra ibm; run: pip install 'qbell[ibm]'"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # snapshots that warn of being old or untypical
        known = {device.name: device for device in FakeProviderForBackendV2().backends()}
    if backend not in known:
        near = ", ".join(sorted(known, key=lambda name: (not _shares(name, backend), name))[:5])
        raise QbellError(f"backend {backend!r} is unknown; use one of {len(known)}, e.g. {near}")
    return known[backend]


def backend_name(backend: Any) -> str:
    """What to record of a backend given as name or object."""
    if backend is None:
        return IDEAL
    return backend if isinstance(backend, str) else str(getattr(backend, "name", "unnamed"))


def _shares(name: str, wanted: str) -> bool:
    return name[5:7] == wanted[5:7]
