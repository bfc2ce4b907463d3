"""Couplings and readout errors of a device as plain data."""

import pytest
from qiskit.providers.fake_provider import GenericBackendV2

from qbell.devices.backends import find_backend
from qbell.devices.device_map import device_map


def test_errors_are_those_of_the_target() -> None:
    device = GenericBackendV2(4, coupling_map=[[0, 1], [1, 0], [2, 1], [2, 3]], seed=2)
    found = device_map(device, (3, 2))
    assert found is not None
    assert found["edges"] == [[0, 1], [1, 2], [2, 3]]
    assert found["qubits"] == [3, 2]
    measured = device.target["measure"]
    assert found["readout_error"] == pytest.approx([measured[k,].error for k in range(4)])


def test_without_couplings_there_is_no_map() -> None:
    assert device_map(None) is None
    assert device_map(object()) is None


@pytest.mark.device
def test_a_snapshot() -> None:
    """The mean of both errors is near what the device calls its readout error."""
    device = find_backend("fake_pittsburgh")
    found = device_map(device)
    assert found is not None
    assert (found["name"], len(found["readout_error"])) == ("fake_pittsburgh", 156)
    errors = [device.target["measure"][k,].error for k in range(156)]
    assert found["readout_error"] == pytest.approx(errors, abs=3e-3)
    assert len(found["edges"]) == 176
    assert found["calibrated"].startswith("202")
