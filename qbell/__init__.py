"""Many-body Bell correlators, and the quantum Fisher information that they certify.

After Niezgoda and Chwedenczuk, "Many-Body Nonlocality as a Resource for Quantum-Enhanced
Metrology", Phys. Rev. Lett. 126, 210506 (2021).

>>> import qbell
>>> shots = qbell.sample(qbell.ghz(4), qbell.schedule(4), shots=1000, seed=1)
>>> result = qbell.estimate(shots)
>>> result.bound.low < 16 < result.bound.high
True
"""

from importlib import import_module

from qbell.errors import QbellError

TYPE_CHECKING = False  # True to mypy and editors, as in typing, which this need not load
if TYPE_CHECKING:
    from qbell import exact, plots
    from qbell.campaigns.jobs import cancel, extend, fetch, status, submit
    from qbell.campaigns.planning import plan
    from qbell.designs.schedule import Schedule, schedule
    from qbell.estimator import Estimate, Result, estimate
    from qbell.estimator.directed.directed import from_directions
    from qbell.estimator.local_axes import LocalAxes, local_axes
    from qbell.estimator.phase_scan.scan_qfi import ScanResult, scan_qfi
    from qbell.mitigation import ReadoutCalibration, read_calibration
    from qbell.sampling.calibrate import calibrate
    from qbell.sampling.phase_scan import phase_scan
    from qbell.sampling.sample import sample
    from qbell.shots.importers.shots_from import shots_from
    from qbell.shots.phase_scan import PhaseScan
    from qbell.shots.read_shots import read_shots
    from qbell.shots.shots import Shots
    from qbell.states import GHZ as ghz
    from qbell.states import XXZ as xxz
    from qbell.states import Chain as chain
    from qbell.states import Coherent as coherent
    from qbell.states import Dicke as dicke
    from qbell.states import DoubleWell as double_well
    from qbell.states import Graph as graph
    from qbell.states import Ising as ising
    from qbell.states import Plus as plus
    from qbell.states import Product as product
    from qbell.states import Quench as quench
    from qbell.states import Squeezed as squeezed
    from qbell.states import Stars as stars
    from qbell.states import State
    from qbell.states import Twisting as twisting
    from qbell.states import W as w
    from qbell.states.symmetric import Symmetric as symmetric

__version__ = "0.1.0"

__all__ = [
    "Estimate",
    "LocalAxes",
    "PhaseScan",
    "QbellError",
    "ReadoutCalibration",
    "Result",
    "ScanResult",
    "Schedule",
    "Shots",
    "State",
    "__version__",
    "calibrate",
    "cancel",
    "chain",
    "coherent",
    "dicke",
    "double_well",
    "estimate",
    "exact",
    "extend",
    "fetch",
    "from_directions",
    "ghz",
    "graph",
    "ising",
    "local_axes",
    "phase_scan",
    "plan",
    "plots",
    "plus",
    "product",
    "quench",
    "read_calibration",
    "read_shots",
    "sample",
    "scan_qfi",
    "schedule",
    "shots_from",
    "squeezed",
    "stars",
    "status",
    "submit",
    "symmetric",
    "twisting",
    "w",
    "xxz",
]

# Where the names above are. They are loaded when they are first used, so that a program which
# imports qbell does not wait for what it leaves out.
_PLACES = {
    "calibrate": ("qbell.sampling.calibrate", "calibrate"),
    "cancel": ("qbell.campaigns.jobs", "cancel"),
    "chain": ("qbell.states", "Chain"),
    "coherent": ("qbell.states", "Coherent"),
    "dicke": ("qbell.states", "Dicke"),
    "double_well": ("qbell.states", "DoubleWell"),
    "Estimate": ("qbell.estimator", "Estimate"),
    "estimate": ("qbell.estimator", "estimate"),
    "extend": ("qbell.campaigns.jobs", "extend"),
    "fetch": ("qbell.campaigns.jobs", "fetch"),
    "from_directions": ("qbell.estimator.directed.directed", "from_directions"),
    "ghz": ("qbell.states", "GHZ"),
    "graph": ("qbell.states", "Graph"),
    "ising": ("qbell.states", "Ising"),
    "local_axes": ("qbell.estimator.local_axes", "local_axes"),
    "LocalAxes": ("qbell.estimator.local_axes", "LocalAxes"),
    "phase_scan": ("qbell.sampling.phase_scan", "phase_scan"),
    "PhaseScan": ("qbell.shots.phase_scan", "PhaseScan"),
    "plan": ("qbell.campaigns.planning", "plan"),
    "plus": ("qbell.states", "Plus"),
    "product": ("qbell.states", "Product"),
    "quench": ("qbell.states", "Quench"),
    "read_calibration": ("qbell.mitigation", "read_calibration"),
    "read_shots": ("qbell.shots.read_shots", "read_shots"),
    "ReadoutCalibration": ("qbell.mitigation", "ReadoutCalibration"),
    "Result": ("qbell.estimator", "Result"),
    "sample": ("qbell.sampling.sample", "sample"),
    "scan_qfi": ("qbell.estimator.phase_scan.scan_qfi", "scan_qfi"),
    "ScanResult": ("qbell.estimator.phase_scan.scan_qfi", "ScanResult"),
    "Schedule": ("qbell.designs.schedule", "Schedule"),
    "schedule": ("qbell.designs.schedule", "schedule"),
    "Shots": ("qbell.shots.shots", "Shots"),
    "shots_from": ("qbell.shots.importers.shots_from", "shots_from"),
    "squeezed": ("qbell.states", "Squeezed"),
    "stars": ("qbell.states", "Stars"),
    "State": ("qbell.states", "State"),
    "status": ("qbell.campaigns.jobs", "status"),
    "submit": ("qbell.campaigns.jobs", "submit"),
    "symmetric": ("qbell.states.symmetric", "Symmetric"),
    "twisting": ("qbell.states", "Twisting"),
    "w": ("qbell.states", "W"),
    "xxz": ("qbell.states", "XXZ"),
}


if not TYPE_CHECKING:  # which would take any name for right

    def __getattr__(name: str) -> object:
        """A public name, or a room of the package, when it is first used."""
        if name in _PLACES:
            module, original = _PLACES[name]
            found = getattr(import_module(module), original)
        elif name.startswith("_"):
            raise AttributeError(f"module 'qbell' has no attribute {name!r}")
        else:
            try:
                found = import_module(f"qbell.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"qbell.{name}":
                    raise
                raise AttributeError(f"module 'qbell' has no attribute {name!r}") from None
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
