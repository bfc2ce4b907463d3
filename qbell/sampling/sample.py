"""From a state or circuit and a schedule to shots: by local simulation, or by any SamplerV2."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.flags import num_flags
from qbell.circuits.measurement import checked, parameter_values
from qbell.circuits.preparation import Preparation
from qbell.designs.schedule import MAX_SHOTS, Schedule
from qbell.errors import QbellError
from qbell.sampling.large_noise import draw_large, is_large
from qbell.sampling.run_sampler import outcomes_in, run_sampler
from qbell.sampling.source import source_of
from qbell.shots.columns import Columns
from qbell.shots.flagged import RAW, split_rows
from qbell.shots.shots import Shots
from qbell.simulation import draw_outcomes as local
from qbell.simulation.exact_vector import say_formulas
from qbell.simulation.outcome_counts import OutcomeCounts, count_outcomes, require_room
from qbell.states import State
from qbell.states.base import preparation_of, require_preparable
from qbell.util.checks import whole_number
from qbell.util.cluster import connected

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def sample(
    state: "State | Preparation | QuantumCircuit",
    schedule: Schedule,
    sampler: Any = None,
    *,
    shots: int | None = None,
    seed: int | None = None,
    backend: Any = None,
    progress: Callable[[int], None] | None = None,
    cluster: Any = None,
) -> Shots:
    """Measure a state in all settings of a schedule.

    Args:
        state: a qbell state, prepared as suits the device, or a circuit without measurements that
            prepares one; or a preparation that was chosen for the device. Without noise up to 16
            qubits of any state, and more of those with little entanglement.
        schedule: from `qbell.schedule`.
        sampler: any Qiskit SamplerV2, or a BackendV2, which then runs the circuits itself; of a
            backend, and of BackendSamplerV2, the counts are read, whatever its memory is. None
            simulates locally: Aer prepares the state once and all settings are drawn from it,
            exactly as Aer itself would sample each of them.
        shots: of each row of the schedule; if None 1 where settings are drawn, else 1000.
        seed: of the local draws; drawn afresh and recorded when None. A sampler has its own.
        backend: for local simulation ``aer`` (no noise), a ``fake_*`` device by name, or a
            BackendV2 whose noise is simulated from the errors that its target reports: up to 12
            qubits by a density matrix, and of more of a Clifford preparation as random Paulis, by
            Stim; ``notes`` of the shots then say what that assumes. A simulator
            of Aer, whose noise is not in its target, runs by itself. For a sampler the device to
            compile for, when the sampler does not name its own.
        progress: called with the number of schedule rows just measured.
        cluster: ``local``, the address of a Dask scheduler, or a `distributed.Client`, whose
            workers draw the settings of a local simulation. The shots are the same.

    Returns:
        Counts of outcomes for each setting, or for each draw.

    Raises:
        QbellError: numbers of qubits that differ, a circuit that already measures, a size that
            cannot be simulated, an unknown backend, one that reports no errors to simulate, a seed
            or a cluster given for a sampler, or a result that is not all that was asked for.

    >>> import qbell
    >>> shots = sample(qbell.ghz(3), qbell.schedule(3), shots=100, seed=7)
    >>> shots.total
    800
    """
    require_preparable(state)
    if not isinstance(state, State | Preparation):
        state = checked(state)
        say_formulas(state)
    if state.num_qubits != schedule.num_qubits:
        raise QbellError(
            f"the state has {state.num_qubits} qubits and the schedule {schedule.num_qubits}; "
            "make both for the same n"
        )
    default = schedule.rules.default_shots
    shots = whole_number("shots", default if shots is None else shots, least=1, most=MAX_SHOTS)
    source = source_of(sampler, backend, seed)
    if cluster is not None and source.sampler is not None:
        raise QbellError(f"{source.name} runs by itself, and not on a cluster; leave it out")
    preparation = preparation_of(state, source.device, measured=True)
    notes: tuple[str, ...] = ()
    if source.sampler is None and source.device is None and preparation.flags is not None:
        raise QbellError("flags without noise reject nothing; name a device, backend = 'fake_...'")
    if source.sampler is None:
        assert source.seed is not None  # of every simulation
        how = (preparation, schedule, shots, source.seed, source.device, progress)
        with connected(cluster) as workers:
            if is_large(state.num_qubits, source.device) or preparation.flags is not None:
                require_room(len(schedule), shots, schedule.num_qubits)
                listed, notes = draw_large(*how, workers)
                outcomes = count_outcomes(listed)
            else:
                outcomes = local.draw_outcomes(*how, workers)
    else:
        require_room(len(schedule), shots, schedule.num_qubits)
        how_run = (preparation, schedule, source.sampler, shots, source.device)
        outcomes = count_outcomes(_run_sampler(*how_run))
        if progress is not None:
            progress(len(schedule))
    found = tally(outcomes, schedule, source.seed, source.name, preparation.provenance)
    if found.total == 0:
        raise QbellError(
            f"flags rejected all {len(schedule) * shots} shots; take more shots, or fewer flags"
        )
    return replace(found, notes=notes)


def _run_sampler(
    preparation: Preparation, schedule: Schedule, sampler: Any, shots: int, device: Any
) -> NDArray[np.uint8]:
    """(settings, shots, N) outcome bits, flags last."""
    design = schedule.rules
    compiled = compiled_circuit(preparation, device, schedule.axis, design)
    values = parameter_values(compiled, schedule.directions, design)
    result = run_sampler(sampler, [(compiled, values)], shots)
    shape = (len(schedule), shots)
    return outcomes_in(result, 0, shape, schedule.num_qubits, num_flags(compiled))


def tally(
    outcomes: OutcomeCounts,
    schedule: Schedule,
    seed: int | None,
    backend: str,
    provenance: str = RAW,
) -> Shots:
    """The counts of each row of the schedule as shots.

    Bits behind those of the N qubits are flags; shots with one of 1 are rejected.
    """
    counted = Columns(
        schedule.directions.take(outcomes.rows, axis=0),
        outcomes.bits[:, : schedule.num_qubits],
        outcomes.counts,
        outcomes.rows if schedule.rules.drawn else None,
        pd.DataFrame(),
    )
    flagged = None
    if outcomes.bits.shape[1] > schedule.num_qubits:
        flagged = split_rows(counted, outcomes.bits[:, schedule.num_qubits :])
        counted = flagged.accepted
    return Shots(
        **vars(counted),
        provenance=provenance,
        flagged=flagged,
        design=schedule.design,
        axis=schedule.axis,
        backend=backend,
        seed=seed,
        order=schedule.order,
        grid=schedule.grid,
        stars=schedule.stars,
    )
