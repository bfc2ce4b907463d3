"""Figure 1: the QFI of the Ising chain over U, and where its nonlocality emerges."""

from qbell.figures.options import check_points, parse_range, parse_sizes
from qbell.figures.qfi_curves import draw_nested
from qbell.figures.style import Drawing
from qbell.util.cluster import Cluster
from qbell.util.progress import Progress

SIZES = "6,8,10,12,14,16"
US = "-3:0"


def figure(
    sizes: str | None,
    points: int,
    u: str | None,
    progress: Progress | None = None,
    *,
    linear: bool = False,
    cluster: Cluster | None = None,
) -> Drawing:
    """QFI / N of Eq. (29) for several N, the levels of E_{N,0} in greys between the curves.

    Darkest where E_{N,0} > 1/8, all N qubits Bell correlated; next 1/16 < E <= 1/8, at least
    N - 1; and so on; white where E <= 2^-N. Red lines stand at the exact crossings. Source: PRL
    126, 210506, Fig. 1.

    ``linear`` keeps the height linear where the sizes differ by more than five times.

    Raises:
        QbellError: see `qbell.figures.options`.
    """
    chosen = parse_sizes(SIZES if sizes is None else sizes)
    span = parse_range(US if u is None else u)
    return draw_nested(
        "ising", chosen, span, check_points(points), progress, linear=linear, cluster=cluster
    )
