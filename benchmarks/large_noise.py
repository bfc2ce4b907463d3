"""What random Paulis leave of a device's noise: every design's estimates, twirled or not.

    python -m benchmarks.large_noise [N ...]

GHZ states on fake_pittsburgh, waiting qubits included: expectations of each design's estimates from
the density matrix with the noise itself, and with each channel twirled. Then the time that 20,000
random settings of one shot take at 120 qubits.
"""

import sys
import time
from typing import Any

import qbell
from qbell.circuits.compiled import compiled_circuit
from qbell.conventions.axes import parse_axis
from qbell.designs import DESIGNS
from qbell.devices.backends import find_backend
from qbell.devices.readout import readout_as_run
from qbell.devices.waiting import scheduled
from qbell.errors import QbellError
from qbell.noise_reference import reference_of_state
from qbell.sampling.large_noise import large_state
from qbell.simulation.noisy_state import noisy_state, split
from qbell.simulation.stabiliser.state import draw_from_stabilisers
from tests.support.twirled import twirled_state

AXIS = parse_axis("z")


def compared(num_qubits: int, design: str, device: Any) -> list[str]:
    """A row for each estimate of a design: with the noise itself, twirled, and the difference."""
    preparation = qbell.ghz(num_qubits, layout="tree").preparation(device)
    circuit = scheduled(compiled_circuit(preparation, device, AXIS, design), device)
    known, _ = readout_as_run(device, split(circuit)[2], twirled=False)
    states = (
        noisy_state(circuit, device, design, known),
        twirled_state(circuit, device, design, known.__getitem__),
    )
    found = [reference_of_state(state, device, AXIS, design, max_qfi_qubits=0) for state in states]
    names = ["bound_read", "e_n_read"]
    values = [{name: getattr(one, name) for name in names} for one in found]
    values = [value | dict(one.quantities_read) for value, one in zip(values, found, strict=True)]
    return [
        f"| {num_qubits} | {design} | {name.removesuffix('_read')} | {values[0][name]:.5g} | "
        f"{values[1][name]:.5g} | {values[1][name] / values[0][name] - 1:+.2%} |"
        for name in values[0]
    ]


def timed(num_qubits: int, draws: int, device: Any) -> str:
    """Processor seconds of the noisy state, and of so many settings of one shot."""
    preparation = qbell.ghz(num_qubits, layout="tree").preparation(device)
    compiled = compiled_circuit(preparation, device, AXIS, "random")
    start = time.process_time()
    state, _ = large_state(compiled, device, "random")
    middle = time.process_time()
    settings = qbell.schedule(num_qubits, "random", draws=draws, seed=1)
    draw_from_stabilisers(state, settings.directions, 1, 7)
    end = time.process_time()
    return f"N = {num_qubits}: state {middle - start:.1f} s, {draws} settings {end - middle:.1f} s"


def main(sizes: list[int]) -> None:
    """Print the table."""
    device = find_backend("fake_pittsburgh")
    print("| N | design | estimate of | noise itself | random Paulis | difference |")
    print("|---|---|---|---|---|---|")
    for num_qubits in sizes:
        for design in DESIGNS if num_qubits < 9 else ("full", "ghz", "symmetric"):
            try:
                print("\n".join(compared(num_qubits, design, device)), flush=True)
            except QbellError as error:  # a design that has no noise reference at this size
                print(f"{num_qubits} {design}: {error}", file=sys.stderr)
    print(timed(120, 20_000, device))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [4, 6, 8])
