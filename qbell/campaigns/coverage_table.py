"""A study of coverage as a table for the terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.campaigns.coverage import Coverage, Share
from qbell.designs import find_design

NAMES = {"bound": "QFI bound, Eq. 24", "f0": "F0, Eq. 12"}


def coverage_table(found: Coverage) -> Group:
    """What a terminal shows of it."""
    title = (
        f"coverage of {100 * found.confidence:g} %: {found.family or 'circuit'}, N = {found.n}, "
        f"{found.design} design, {found.backend}, {found.repeats} data sets"
    )
    kind = find_design(found.design)
    names = {**NAMES, "e_n": kind.e_n_name, **kind.quantities}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("quantity", no_wrap=True)
    for name in ("exact", "interval", "lower limit", "upper limit", "mean width"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found.quantities:
        table.add_row(
            names[one.key] + (" *" if one.degenerate > 0 else ""),
            f"{one.exact:.5g}",
            *(_text(share) for share in (one.interval, one.lower_limit, one.upper_limit)),
            f"{one.width:.3g}",
        )
    notes = [f"note: {note}" for note in found.notes]
    if any(one.degenerate > 0 for one in found.quantities):
        notes.append("* some of these intervals say that they may be wider than necessary")
    return Group(Text(title), Text(), table, *(Text(note) for note in notes))


def _text(share: Share) -> str:
    return f"{100 * share.value:.1f} ± {100 * share.standard_error:.1f} %"
