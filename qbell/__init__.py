"""Many-body Bell correlators, and the quantum Fisher information that they certify.

After Niezgoda and Chwedenczuk, "Many-Body Nonlocality as a Resource for Quantum-Enhanced
Metrology", Phys. Rev. Lett. 126, 210506 (2021).

>>> import qbell
>>> shots = qbell.sample(qbell.ghz(4), qbell.schedule(4), shots=1000, seed=1)
>>> result = qbell.estimate(shots)
>>> result.bound.low < 16 < result.bound.high
True
"""

from qbell import exact
from qbell.campaigns.jobs import fetch, status, submit
from qbell.campaigns.planning import plan
from qbell.designs.schedule import Schedule, schedule
from qbell.errors import QbellError
from qbell.estimator import Estimate, Result, estimate
from qbell.mitigation import ReadoutCalibration, read_calibration
from qbell.sampling.calibrate import calibrate
from qbell.sampling.sample import sample
from qbell.shots.shots import Shots, read_shots
from qbell.states import GHZ as ghz
from qbell.states import Coherent as coherent
from qbell.states import Dicke as dicke
from qbell.states import DoubleWell as double_well
from qbell.states import Graph as graph
from qbell.states import Ising as ising
from qbell.states import Plus as plus
from qbell.states import Product as product
from qbell.states import Squeezed as squeezed
from qbell.states import State
from qbell.states import Twisting as twisting
from qbell.states import W as w
from qbell.states.symmetric import Symmetric as symmetric

__version__ = "0.1.0"

__all__ = [
    "Estimate",
    "QbellError",
    "ReadoutCalibration",
    "Result",
    "Schedule",
    "Shots",
    "State",
    "__version__",
    "calibrate",
    "coherent",
    "dicke",
    "double_well",
    "estimate",
    "exact",
    "fetch",
    "ghz",
    "graph",
    "ising",
    "plan",
    "plus",
    "product",
    "read_calibration",
    "read_shots",
    "sample",
    "schedule",
    "squeezed",
    "status",
    "submit",
    "symmetric",
    "twisting",
    "w",
]
