"""Results as Matplotlib axes: each function draws one picture on ``ax`` and returns it.

Without ``ax`` a new figure is made by ``matplotlib.pyplot``. The house style is a dictionary for
Matplotlib: ``plt.style.use(qbell.plots.STYLE)``.
"""

from qbell.plots.bootstrap import bootstrap
from qbell.plots.bound_by_order import bound_by_order
from qbell.plots.canvas import STYLE
from qbell.plots.comparison import comparison
from qbell.plots.correlators import correlators
from qbell.plots.coverage import coverage
from qbell.plots.depth_ladder import depth_ladder
from qbell.plots.oscillation import oscillation
from qbell.plots.readout_map import readout_map
from qbell.plots.scan import e_n_against_u, scan
from qbell.plots.stars import stars

__all__ = [
    "STYLE",
    "bootstrap",
    "bound_by_order",
    "comparison",
    "correlators",
    "coverage",
    "depth_ladder",
    "e_n_against_u",
    "oscillation",
    "readout_map",
    "scan",
    "stars",
]
