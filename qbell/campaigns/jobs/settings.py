"""Settings of a design as what jobs measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.campaigns.campaign import check_campaign
from qbell.campaigns.folder import PLAN_FILE
from qbell.campaigns.jobs.jobs import FIXED_SETTINGS
from qbell.campaigns.jobs.measured import Floats, Made, Measured, Rows
from qbell.campaigns.prepared import prepare
from qbell.campaigns.seeds import settings_of, stars_of
from qbell.campaigns.spec import Spec
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.measurement import parameter_values
from qbell.conventions.axes import Axis, parse_axis
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.designs.star_graph import StarGraph
from qbell.sampling.sample import tally
from qbell.shots.read_shots import GRAPH
from qbell.simulation.outcome_counts import count_outcomes

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Settings(Measured):
    """The settings of a schedule; each is a row.

    Attributes:
        schedule: of the campaign, parts that were added to it included.
    """

    schedule: Schedule
    column: ClassVar[str] = "setting"

    def __len__(self) -> int:
        return len(self.schedule)

    @property
    def num_qubits(self) -> int:
        """See `Measured`."""
        return self.schedule.num_qubits

    @property
    def axis(self) -> Axis:
        """See `Measured`."""
        return self.schedule.axis

    @property
    def drawn(self) -> bool:
        """See `Measured`."""
        return find_design(self.schedule.design).drawn

    @property
    def record(self) -> dict[str, Any]:
        """See `Measured`."""
        schedule = self.schedule
        stars = {} if schedule.stars is None else {GRAPH: schedule.stars.record}
        return {"settings_seed": schedule.seed, "order": schedule.order, **stars}

    def words(self, rows: Rows) -> list[str]:
        """See `Measured`."""
        return self._spelt(self.schedule.directions[rows])

    def values(self, circuit: "QuantumCircuit", rows: Rows) -> Floats:
        """See `Measured`."""
        return parameter_values(circuit, self.schedule.directions[rows], self.schedule.design)

    @property
    def fixed_words(self) -> list[str]:
        """All qubits along sigma_1, and all along sigma_2."""
        return self._spelt(self._fixed)

    def fixed_values(self, circuit: "QuantumCircuit") -> Floats:
        """See `Measured`."""
        return parameter_values(circuit, self._fixed, self.schedule.design)

    def table(self, bits: NDArray[np.uint8], rows: Rows, backend: str) -> pd.DataFrame:
        """See `Measured`; with the column ``draw`` where settings are drawn, and flags where there
        are any (rejected shots included)."""
        part = replace(self.schedule, directions=self.schedule.directions[rows])
        shots = tally(count_outcomes(bits), part, None, backend)
        table = shots.frame
        if shots.draws is not None:
            table["draw"] = rows[table["draw"].to_numpy()]
        return table

    @property
    def _fixed(self) -> NDArray[np.uint8]:
        return np.arange(FIXED_SETTINGS, dtype=np.uint8)[:, None].repeat(self.num_qubits, axis=1)

    def _spelt(self, directions: NDArray[np.uint8]) -> list[str]:
        found: list[str] = self.schedule.rules.spell(directions).tolist()
        return found


def made_settings(spec: Spec, device: Any, seed: int) -> Made:
    """The settings of a spec, and its measured circuit on a device.

    Raises:
        QbellError: a campaign that cannot be measured or estimated, or not on this device.
    """
    state = spec.state()
    check_campaign(spec, state.num_qubits)
    preparation = prepare(spec, state, device).preparation
    schedule = settings_of(spec, state.num_qubits, seed, stars_of(spec, preparation))
    compiled = compiled_circuit(preparation, device, schedule.axis, spec.design)
    return Made(Settings(schedule), preparation, compiled)


def settings_in(record: Mapping[str, Any], spec: Spec, words: Sequence[str]) -> Settings:
    """The same from campaign.json and the words of ``schedule.csv``, in the order of the rows.

    Raises:
        QbellError, ValueError: something else stands there.
    """
    graph = record.get(GRAPH)
    return Settings(
        Schedule(
            spec.design,
            parse_axis(spec.axis),
            find_design(spec.design).parse(list(words), record["n"]),
            seed=record["settings_seed"],
            order=record["order"],
            stars=None if graph is None else StarGraph.of_record(graph, PLAN_FILE),
        )
    )
