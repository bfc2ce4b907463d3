"""Backends by name: `aer`, the dated snapshots of IBM devices called `fake_*`, IBM devices."""

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qbell.devices.ibm import Service

IDEAL = "aer"
SNAPSHOT = "fake_"


def find_backend(backend: Any) -> Any:
    """The BackendV2 of a name, or the object itself; None for ``aer``, the ideal simulator.

    A name other than ``aer`` and ``fake_*`` is looked for among the devices of the saved IBM
    account, or of the one in the environment.

    Raises:
        QbellError: no such backend, no account, or the extra ``ibm`` is not installed.
    """
    if backend is None or backend == IDEAL:
        return None
    if not isinstance(backend, str):
        if not hasattr(backend, "target"):
            raise QbellError(
                "expected the name of a backend or a Qiskit BackendV2, got a "
                f"{type(backend).__name__}"
            )
        return backend
    if not backend.startswith(SNAPSHOT):
        return service_for(backend).device(backend)
    try:
        known = snapshots()
    except ImportError as error:
        raise QbellError(
            f"backend {backend} comes with the extra ibm; run: pip install 'qbell[ibm]'"
        ) from error
    if backend not in known:
        near = ", ".join(sorted(known, key=lambda name: (not _shares(name, backend), name))[:5])
        raise QbellError(f"backend {backend!r} is unknown; use one of {len(known)}, e.g. {near}")
    return known[backend]


@lru_cache(maxsize=1)
def snapshots() -> dict[str, Any]:
    """Every snapshot by its name, read once: 60 files, and the data of each that is used."""
    from qiskit_ibm_runtime.fake_provider import FakeProviderForBackendV2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # snapshots that warn of being old or untypical
        return {device.name: device for device in FakeProviderForBackendV2().backends()}


def service_for(backend: str) -> "Service":
    """IBM's service, for a device of this name.

    Raises:
        QbellError: no account is saved here, or the extra ``ibm`` is not installed.
    """
    from qbell.devices.ibm import Service, has_account

    if not has_account():
        raise QbellError(
            f"backend {backend!r} is neither aer nor a fake_* device, and no IBM account is saved "
            "here to look for a device of this name; give one of these names, or save an account: "
            "run QiskitRuntimeService.save_account(token=..., instance=...) in Python once, or set "
            "QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE (docs/hardware.md)"
        )
    return Service()


def offline_backend(backend: str) -> Any:
    """As `find_backend`, but None for a device that only its service knows."""
    return find_backend(backend) if is_local(backend) else None


def is_local(backend: str) -> bool:
    """True for names of what is simulated here: ``aer`` and ``fake_*``."""
    return backend == IDEAL or backend.startswith(SNAPSHOT)


def backend_name(backend: Any) -> str:
    """What to record of a backend given as name or object."""
    if backend is None:
        return IDEAL
    return backend if isinstance(backend, str) else str(getattr(backend, "name", "unnamed"))


def reports_errors(backend: Any) -> bool:
    """Whether the target of a BackendV2 states any error or decay.

    Without, noise made from the target is none at all, whatever the device does.
    """
    target = backend.target
    for name in target.operation_names:
        if any(values is not None and values.error for values in (target[name] or {}).values()):
            return True
    return any(
        qubit is not None and (qubit.t1 is not None or qubit.t2 is not None)
        for qubit in target.qubit_properties or []
    )


def runs_here(backend: Any) -> bool:
    """Whether a BackendV2 is a simulator of Aer: its noise is its own, not its target's."""
    return any(kind.__module__.split(".")[0] == "qiskit_aer" for kind in type(backend).__mro__)


def is_simulated(backend: Any) -> bool:
    """Whether a BackendV2 is a simulator in whose circuits nothing waits: Aer's, and the devices of
    Qiskit and of IBM's client that stand in for others."""
    homes = ("qiskit_aer.", "qiskit.providers.fake_provider.", "qiskit_ibm_runtime.fake_provider.")
    return any(f"{kind.__module__}.".startswith(homes) for kind in type(backend).__mro__)


def backend_of(sampler: Any) -> Any:
    """The device behind a sampler, where it names one publicly; a backend is its own.

    Raises:
        QbellError: it fails when asked.
    """
    try:
        if hasattr(sampler, "target"):
            return sampler
        backend = getattr(sampler, "backend", None)
        if callable(backend) and not hasattr(backend, "target"):
            backend = backend()
        return backend if hasattr(backend, "target") else None
    except Exception as error:  # of any vendor, of any kind
        said = (str(error).splitlines() or [""])[0][:200]
        raise QbellError(
            f"the {type(sampler).__name__} fails when asked which backend it runs on "
            f"({type(error).__name__}: {said}); give a Qiskit SamplerV2 or BackendV2"
        ) from error


def _shares(name: str, wanted: str) -> bool:
    return name[5:7] == wanted[5:7]
