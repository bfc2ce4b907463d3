"""The plan of a phase scan as a table for the terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.campaigns.planning.scan_plan import ScanForecast
from qbell.campaigns.planning.table import add_cost
from qbell.util.printable import printable

MOST_ANGLES = 20  # shown one by one


def scan_plan_table(plan: ScanForecast) -> Group:
    """What a terminal shows of a plan."""
    u = "" if plan.u is None else f", U = {plan.u:g}"
    family = printable(plan.family or "circuit")
    parts: list[Text | Table] = [
        Text(f"plan: {family}, N = {plan.n}{u}, backend {plan.backend}"),
        Text(
            f"phase scan by {plan.read_out}, {plan.angles} angles of {plan.shots} shots: "
            f"{plan.total_shots:,} shots in all"
        ),
        Text(),
    ]
    if plan.expected is not None:
        parts += [_counts(plan), Text()]
    parts.append(_rest(plan))
    parts += [Text(f"note: {printable(note)}") for note in plan.notes]
    return Group(*parts)


def _counts(plan: ScanForecast) -> Table:
    assert plan.expected is not None
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("angle, rad", "probability", "expected successes"):
        table.add_column(name, justify="right")
    for one in plan.expected[:MOST_ANGLES]:
        counts = f"{one.successes:.1f} ± {one.standard_error:.1f}"
        table.add_row(f"{one.angle:.5g}", f"{one.probability:.4f}", counts)
    if len(plan.expected) > MOST_ANGLES:
        table.add_row("...", "", f"{len(plan.expected) - MOST_ANGLES} more")
    return table


def _rest(plan: ScanForecast) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    found = plan.limit
    if found is not None:
        near, far = found.pair
        level = f"at {100 * plan.confidence:g} %"
        table.add_row(
            f"QFI, lower limit {level}",
            f"{found.mean:.4g} ({found.low:.4g} to {found.high:.4g}, 9 of 10 times)",
        )
        table.add_row("  above shot noise", f"{100 * found.above_shot_noise:.0f} % of times")
        table.add_row(
            f"  estimate from {near:.4g} and {far:.4g} rad",
            f"{found.value:.4g} ± {found.standard_error:.2g}",
        )
        table.add_row("  these angles", found.chosen)
    if plan.hellinger is not None:
        value, error = plan.hellinger["value"], plan.hellinger["standard_error"]
        table.add_row("Hellinger curve, no limit", f"{value:.4g} ± {error:.2g}")
    if plan.coherences is not None:
        limit, qfi = plan.coherences["coherence_limit"], plan.coherences["qfi_limit"]
        table.add_row("coherence C, lower limit", f"{limit:.4g}, so QFI ≥ {qfi:.4g}")
    if plan.exact is not None and plan.exact["qfi"] is not None:
        table.add_row("QFI, exact", f"{plan.exact['qfi']:.5g}")
    add_cost(table, plan.circuit, plan.qpu)
    return table
