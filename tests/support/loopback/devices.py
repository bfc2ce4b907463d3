"""Devices that the server offers: the dated snapshots that ship with the client, as if live."""

import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Device:
    """A device by its IBM name. ``operational`` and ``status`` may be changed while it serves."""

    name: str
    operational: bool = True
    status: str = "active"
    configuration: dict[str, Any] = field(init=False, repr=False)
    properties: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        short = self.name.removeprefix("ibm_")
        spec = importlib.util.find_spec("qiskit_ibm_runtime.fake_provider")
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent / "backends" / short
        self.configuration = json.loads((folder / f"conf_{short}.json").read_text())
        self.properties = json.loads((folder / f"props_{short}.json").read_text())
        self.configuration |= {"backend_name": self.name, "simulator": False}
        self.properties |= {"backend_name": self.name}

    def listed(self, queue: int) -> dict[str, Any]:
        """Its entry in the list of devices."""
        return {
            "name": self.name,
            "qubits": self.configuration["n_qubits"],
            "physical_qubits": self.configuration["n_qubits"],
            "queue_length": queue,
            "status": {"name": "online" if self.operational else "offline", "reason": ""},
            "is_simulator": False,
        }

    def state(self, queue: int) -> dict[str, Any]:
        """Its status."""
        return {
            "state": self.operational,
            "status": self.status,
            "length_queue": queue,
            "backend_version": self.configuration["backend_version"],
        }

    def simulator(self) -> Any:
        """Aer with the snapshot's noise."""
        from qiskit_aer import AerSimulator
        from qiskit_aer.noise import NoiseModel
        from qiskit_ibm_runtime.fake_provider import FakeProviderForBackendV2

        fake = FakeProviderForBackendV2().backend("fake_" + self.name.removeprefix("ibm_"))
        return AerSimulator(noise_model=NoiseModel.from_backend(fake), max_parallel_threads=1)
