"""What a campaign measures, made once and passed on: to sampling, calibration and report."""

from dataclasses import dataclass
from typing import Any

from qbell.campaigns.spec import Spec
from qbell.certificates.svetlichny_depth import SVETLICHNY_PHASE
from qbell.circuits.compiled import with_compiled
from qbell.circuits.measurement import checked
from qbell.circuits.preparation import Preparation
from qbell.circuits.turned import with_turned_qubit
from qbell.conventions.axes import parse_axis
from qbell.states import State
from qbell.states.base import preparation_of


@dataclass(frozen=True)
class Prepared:
    """The preparation of a campaign's state on its device.

    Attributes:
        preparation: laid out for the device, and compiled with its measurement.
        device: a BackendV2; None without noise.
        straight: the same before one qubit is turned, see `Spec.turned`; all values that a summary
            has of it are the same.
    """

    preparation: Preparation
    device: Any
    straight: Preparation


def prepare(spec: Spec, state: State | Preparation, device: Any) -> Prepared:
    """Choose the layout of a campaign's circuit, and compile it.

    Raises:
        QbellError: the state cannot be prepared on this device.
    """
    preparation = checked(preparation_of(state, device, measured=True))
    axis = parse_axis(spec.axis)
    straight = preparation
    if spec.turned:
        preparation = with_turned_qubit(preparation, axis, -SVETLICHNY_PHASE)
    # Without a device the settings of a unitary circuit are drawn from its state vector.
    if device is not None or not preparation.is_unitary:
        preparation = with_compiled(preparation, device, axis, spec.design)
    return Prepared(preparation, device, straight if spec.turned else preparation)
