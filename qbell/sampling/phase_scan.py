"""`phase_scan`: a state turned by angles about xi and read out, by simulation or any SamplerV2."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import checked, compile_for
from qbell.circuits.phase_scan import scan_circuit
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.designs.schedule import MAX_SHOTS
from qbell.errors import QbellError
from qbell.sampling.run_sampler import outcomes_in, run_sampler
from qbell.sampling.source import source_of
from qbell.shots.phase_scan import SAME, PhaseScan, angle_in_radians, angles_of, check_read_out
from qbell.simulation.draw_outcomes import check_noisy_size
from qbell.simulation.exact_vector import say_formulas
from qbell.simulation.phase_scan import draw_scan
from qbell.states import State
from qbell.states.base import preparation_of, require_preparable
from qbell.util.checks import require_memory, whole_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def phase_scan(
    state: "State | Preparation | QuantumCircuit",
    angles: Sequence[float | str],
    read_out: str = "echo",
    *,
    shots: int = 1000,
    axis: AxisLike = "z",
    pair: tuple[float | str, float | str] | None = None,
    sampler: Any = None,
    backend: Any = None,
    seed: int | None = None,
) -> PhaseScan:
    """Prepare, turn by each angle about xi, and read out: success or not.

    The turn is e^(-i theta h), h = sum_k sigma_xi^(k) / 2, so that F_Q of the prepared state is
    that of theta. ``echo`` undoes the preparation and succeeds if all qubits are found in 0;
    ``parity`` measures every qubit along sigma_1 and succeeds if an even number of outcomes is 1.
    Along another direction at the azimuth a between sigma_1 and sigma_2 the parity is that of the
    angle theta - a.

    Choose angles before the data. Near theta = 0 the echo of a noisy preparation is flat; two
    angles at sqrt(F_Q) theta / 2 of about 0.5 and 1.2 give most.

    Args:
        state: as in `qbell.sample`.
        angles: all angles, in radians or as words such as 0.25pi; two or more.
        read_out: ``echo`` or ``parity``.
        shots: at each angle.
        axis: xi: ``x``, ``y``, ``z`` or a vector.
        pair: two of the angles that the limit is to be of; named now, before the shots.
        sampler, backend, seed: as in `qbell.sample`.

    Returns:
        The counts, for `qbell.scan_qfi`.

    Raises:
        QbellError: angles that are none or the same turn, a preparation that cannot be undone, or
            as `qbell.sample`.

    >>> import qbell
    >>> scan = phase_scan(qbell.ghz(3), ["0pi", "1/6pi"], "echo", shots=500, seed=1)
    >>> scan.successes[0], scan.successes[1] < 350
    (500, True)
    """
    check_read_out(read_out)
    turns = angles_of(angles)
    shots = whole_number("shots", shots, least=1, most=MAX_SHOTS)
    places = None if pair is None else _places(pair, turns)
    parsed = parse_axis(axis)
    require_preparable(state)
    if not isinstance(state, State | Preparation):
        state = checked(state)
        say_formulas(state)
    require_memory((40.0 + 3 * state.num_qubits) * len(turns) * shots, f"{shots} shots an angle")
    source = source_of(sampler, backend, seed)
    if source.sampler is None:
        check_noisy_size(state.num_qubits, source.device)
    preparation = checked(preparation_of(state, source.device, measured=True))
    circuit = scan_circuit(preparation, parsed, read_out)
    compiled = compile_for(circuit, source.device, preparation.wires)
    if source.sampler is None:
        assert source.seed is not None  # of every simulation
        bits = draw_scan(compiled, turns, shots, source.seed, source.device)
    else:
        result = run_sampler(source.sampler, [(compiled, np.array(turns)[:, None])], shots)
        bits = outcomes_in(result, 0, (len(turns), shots), preparation.num_qubits)
    return scan_of(
        bits, turns, read_out, axis=parsed, pair=places, backend=source.name, seed=source.seed
    )


def scan_of(
    bits: NDArray[np.uint8],
    turns: tuple[float, ...],
    read_out: str,
    *,
    axis: Axis,
    pair: tuple[int, int] | None,
    backend: str,
    seed: int | None,
) -> PhaseScan:
    """The counts of outcomes (angles, shots, N); the rest as in `PhaseScan`."""
    return PhaseScan(
        angles=turns,
        successes=tuple(successes_in(bits, read_out).tolist()),
        shots=(bits.shape[1],) * len(turns),
        read_out=read_out,
        num_qubits=bits.shape[2],
        axis=axis,
        pair=pair,
        backend=backend,
        seed=seed,
    )


def successes_in(bits: NDArray[np.uint8], read_out: str) -> NDArray[np.int64]:
    """(angles,) how many of the outcomes (angles, shots, N) are a success."""
    found: NDArray[np.int64] = is_success(bits.sum(axis=2, dtype=np.int64), read_out).sum(axis=1)
    return found


def is_success(ones: NDArray[np.int64], read_out: str) -> NDArray[np.bool_]:
    """Whether outcomes with so many bits of 1 are a success: even for parity, none for echo."""
    found: NDArray[np.bool_] = ones % 2 == 0 if read_out == "parity" else ones == 0
    return found


def _places(pair: Sequence[float | str], turns: tuple[float, ...]) -> tuple[int, int]:
    """Where the two angles of a pair stand among all."""
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise QbellError(f"pair = {pair!r}; expected two of the angles")
    found = []
    for angle in pair:
        value = angle_in_radians(angle, "pair")
        near = [place for place, turn in enumerate(turns) if abs(turn - value) < SAME]
        if not near:
            raise QbellError(f"pair: {angle!r} is none of the angles; name two that are measured")
        found.append(near[0])
    if found[0] == found[1]:
        raise QbellError(f"pair = {pair!r} names one angle twice; name two")
    return found[0], found[1]
