"""All random choices of a campaign come from its one seed: equal seeds, equal campaigns."""

from dataclasses import dataclass

import numpy as np

from qbell.campaigns.spec import Spec
from qbell.circuits.preparation import Preparation
from qbell.designs import find_design
from qbell.designs.schedule import Schedule, schedule
from qbell.designs.star_graph import StarGraph


@dataclass(frozen=True)
class Seeds:
    """Independent seeds, one for each kind of choice.

    Attributes:
        settings: of a design that draws its settings.
        shots: of outcomes that `qbell run` simulates.
        calibration: of calibration shots that it simulates.
        order: of the settings in each job on a device.
    """

    settings: int
    shots: int
    calibration: int
    order: int


def seeds_of(seed: int | None) -> Seeds:
    """The seeds that follow from a campaign's."""
    return Seeds(*np.random.SeedSequence(seed).generate_state(4).tolist())


def settings_of(spec: Spec, num_qubits: int, seed: int, stars: StarGraph | None = None) -> Schedule:
    """The settings of a campaign, the same wherever it runs."""
    return schedule(
        num_qubits,
        spec.design,
        draws=spec.draws,
        order=spec.order,
        axis=spec.axis,
        share=spec.share,
        stars=stars,
        seed=seeds_of(seed).settings if find_design(spec.design).drawn else None,
    )


def stars_of(spec: Spec, preparation: Preparation) -> StarGraph | None:
    """The stars that a campaign measures; None where its design measures none."""
    return preparation.stars if find_design(spec.design).measures_stars else None
