"""The paper's figures, and three more, from the exact values of this package."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qbell.errors import QbellError
from qbell.figures import figure_1, figure_2, figure_3, figure_4, figure_5, figure_6
from qbell.figures.style import Drawing, save, styled
from qbell.util.checks import whole_number
from qbell.util.cluster import connected
from qbell.util.progress import Progress, one_step

__all__ = ["FIGURES", "Drawing", "Drawn", "draw"]

FIGURES = {
    1: figure_1.figure,
    2: figure_2.figure,
    3: figure_3.figure,
    4: figure_4.figure,
    5: figure_5.figure,
    6: figure_6.figure,
}
"""What draws each of them: from sizes, points, range of U and progress to a `Drawing`."""
NESTED = {1: figure_1.figure, 2: figure_2.figure}
"""Those whose height may be logarithmic."""


@dataclass(frozen=True)
class Drawn:
    """Files of a figure: PNG, SVG, and the CSVs that hold what is plotted."""

    which: int
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """The same as plain data, for ``--json``."""
        return {
            "figure": self.which,
            "files": [str(path) for path in self.files],
            "notes": list(self.notes),
        }


def draw(
    which: int,
    folder: Path,
    *,
    sizes: str | None = None,
    points: int = 60,
    u: str | None = None,
    linear: bool = False,
    progress: Progress | None = None,
    cluster: Any = None,
) -> Drawn:
    """Draw figure ``which`` into ``folder``, in place of what an earlier call left there.

    Args:
        which: 1, 2, 3 of PRL 126, 210506; 4, the bound of Eq. (24) by order; 5,
            temperature, disorder and time; 6, all lower bounds.
        folder: for figure_1.png, .svg, .csv and so on.
        sizes: N, e.g. ``6,8,10``; for 3, 4 and 6 of both panels, ``12,16/100,150``. The paper's if
            left out.
        points: how many values of U.
        u: their range, e.g. ``-3:0``.
        linear: a linear height of figures 1 and 2, also of sizes that differ much.
        progress: called at the start and after every point.
        cluster: whose workers take the sizes of figures 1 and 2: ``local``, the address of a Dask
            scheduler, or a `distributed.Client`.

    Raises:
        QbellError: bad input, before anything is computed; a value that cannot be had at a size;
            a folder that cannot be written to.
    """
    if whole_number("figure", which, least=1) not in FIGURES:
        raise QbellError(f"figure = {which}; give one of {', '.join(map(str, FIGURES))}")
    if linear and which not in NESTED:
        raise QbellError(f"figure {which} has no other height; --linear is for figures 1 and 2")
    if cluster is not None and which not in NESTED:
        raise QbellError(f"figure {which} is drawn here; --cluster is for figures 1 and 2")
    draws = FIGURES[which]
    with connected(cluster) as workers, styled(), one_step(f"figure {which}", progress):
        if which in NESTED:
            draws = partial(NESTED[which], linear=linear, cluster=workers)
        drawing = draws(sizes, points, u, progress)
        files = save(drawing, folder / f"figure_{which}")
    return Drawn(which, tuple(files), tuple(drawing.notes))
