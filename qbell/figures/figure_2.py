"""Figure 2: the QFI of bosons in a double well over U, and where their nonlocality emerges."""

from qbell.figures.options import check_points, parse_range, parse_sizes
from qbell.figures.qfi_curves import draw_nested
from qbell.figures.style import Drawing
from qbell.util.cluster import Cluster
from qbell.util.progress import Progress

SIZES = "50,100,250,500,750,1000"
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
    """QFI / N of Eq. (30) for several N, shaded by the fraction of Bell-correlated qubits.

    Otherwise as Figure 1; red lines stand at the exact crossings of E_{N,0} = 2^-N, of a quarter,
    half, three quarters and nine tenths of the qubits, and of 1/8. Source: PRL 126, 210506,
    Fig. 2.

    ``linear`` keeps the height linear where the sizes differ by more than five times.

    Raises:
        QbellError: see `qbell.figures.options`.
    """
    chosen = parse_sizes(SIZES if sizes is None else sizes)
    span = parse_range(US if u is None else u)
    return draw_nested(
        "double-well", chosen, span, check_points(points), progress, linear=linear, cluster=cluster
    )
