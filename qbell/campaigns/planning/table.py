"""A plan as a table for the terminal."""

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.campaigns.planning.cost import CircuitCost, QpuCost
from qbell.campaigns.planning.record import Forecast, ForecastValue
from qbell.certificates.registry import DEPTHS, P_VALUES
from qbell.certificates.statement import NONE, Depth
from qbell.designs import find_design
from qbell.report.rows import stop_text


def plan_table(plan: Forecast) -> Group:
    """What a terminal shows of a plan."""
    parts: list[Any] = [Text(_title(plan)), Text(_taken(plan)), Text()]
    if plan.expected is not None:
        parts += [_expected(plan), Text()]
    parts += [_rest(plan)]
    parts += [Text(f"note: {note}") for note in plan.notes]
    return Group(*parts)


def _title(plan: Forecast) -> str:
    u = "" if plan.u is None else f", U = {plan.u:g}"
    return f"plan: {plan.family or 'circuit'}, N = {plan.n}{u}, backend {plan.backend}"


def _taken(plan: Forecast) -> str:
    order = "" if plan.order is None else f" of order {plan.order}"
    if plan.draws is None:
        rows = f"{plan.settings} settings of {plan.shots} shots"
    else:
        rows = f"{plan.draws} draws of {plan.shots} shot{'s' if plan.shots > 1 else ''}"
    return f"{plan.design} design{order}, {rows}: {plan.total_shots:,} shots in all"


def _expected(plan: Forecast) -> Table:
    assert plan.expected is not None
    found = plan.expected
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("quantity")
    table.add_column("expected", justify="right")
    table.add_column("relative", justify="right")
    table.add_column("exact", justify="right")
    rows: list[tuple[str, ForecastValue | None, str]] = [
        _bound_row(plan),
        ("F0, Eq. 12", found.f0, "f0"),
        (f"E_N,0, local 2^-{plan.n}", found.e_n, "e_n"),
    ]
    labels = find_design(plan.design).quantities
    rows[1:1] = [(labels[key], value, key) for key, value in found.quantities.items()]
    if not find_design(plan.design).measures_qfi:
        rows = rows[1:]
    for name, forecast, key in rows:
        if forecast is not None:
            table.add_row(name, *_cells(forecast), _exact(plan, key))
    if find_design(plan.design).measures_qfi:
        table.add_row("QFI", "", "", _exact(plan, "qfi"))
    return table


def _bound_row(plan: Forecast) -> tuple[str, ForecastValue | None, str]:
    forecast = None if plan.expected is None else plan.expected.bound
    kind = find_design(plan.design)
    return kind.bound_title(plan.order, plan.n), forecast, kind.bound_key


def _cells(forecast: ForecastValue) -> tuple[str, str]:
    relative = "" if forecast.relative is None else f"{100 * forecast.relative:.2g} %"
    return f"{forecast.value:.5g} ± {forecast.standard_error:.2g}", relative


def _exact(plan: Forecast, key: str) -> str:
    value = None if plan.exact is None else plan.exact.get(key)
    return "" if value is None else f"{value:.5g}"


def _rest(plan: Forecast) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    found, needed, qpu = plan.expected, plan.needed, plan.qpu
    if found is not None and needed is not None:
        level = f"at {100 * plan.confidence:g} %"
        kind = find_design(plan.design)
        for statement in (*DEPTHS, *P_VALUES):
            text = statement.text(vars(found), plan.n, level)
            silent = isinstance(statement, Depth) and text == NONE
            if isinstance(statement, Depth) and silent and kind.measures_qfi:
                silent = statement.optional
            if not silent:
                table.add_row(statement.label, text)
        goal = "the bound" if kind.measures_qfi else next(iter(kind.quantities.values()))
        what = f"shots for {100 * needed.precision:g} % of {goal}"
        table.add_row(what, _shots(plan))
        if needed.share is not None:
            table.add_row("best share along sigma_xi", f"{needed.share:.2f}")
        for p_value in P_VALUES:
            what = f"shots for {p_value.symbol} < {needed.p_value:g}"
            table.add_row(what, _number(vars(needed)[f"shots_for_{p_value.key}"]))
    if needed is not None and plan.stop is not None:
        shots = _number(needed.shots_to_stop)
        jobs = f", of {plan.total_shots:,} at most" if needed.shots_to_stop else ""
        table.add_row(f"shots until {stop_text(plan.stop)}", f"{shots}{jobs}")
    add_cost(table, plan.circuit, qpu)
    if plan.pilot is not None:
        pilot = plan.pilot
        known = f"; expected error bar of the bound known to {100 * pilot.uncertainty:.1f} %"
        known = known if find_design(plan.design).measures_qfi else ""
        table.add_row("from", f"{pilot.repetitions} pilots{known}")
    return table


def add_cost(table: Table, gates: CircuitCost, qpu: QpuCost) -> None:
    """Gates, jobs and the time of the processor."""
    table.add_row(
        "circuit", f"depth {gates.depth}, {gates.two_qubit_gates} two-qubit gates, as measured"
    )
    if qpu.jobs is not None:
        _add_processor(table, qpu)


def _add_processor(table: Table, qpu: QpuCost) -> None:
    """Jobs, their time, and whether the budget holds it."""
    jobs = f"{qpu.jobs} job{'s' if qpu.jobs != 1 else ''}"
    if qpu.reference_jobs:
        jobs += f", {qpu.reference_jobs} of them for reference"
    table.add_row("jobs on a device", jobs)
    table.add_row("executions", f"{qpu.executions:,}; {qpu.parameter_sets:,} parameter sets")
    if qpu.seconds_low is None or qpu.seconds_high is None:
        return
    low, high = _time(qpu.seconds_low), _time(qpu.seconds_high)
    loading = f"loading {_time(qpu.loading)}"
    table.add_row("processor time", f"{_time(qpu.seconds)} ({low} to {high}), {loading}")
    if qpu.budget is not None:
        fit = f"{qpu.jobs_sure} of {qpu.jobs} jobs surely, {qpu.jobs_likely} likely"
        table.add_row(f"budget {qpu.budget:g} s", fit)
    for place, line in enumerate(qpu.assumptions):
        table.add_row("" if place else "assumed", line)


def _shots(plan: Forecast) -> str:
    needed = plan.needed
    if needed is None or needed.total_shots is None:
        return "not available"
    if needed.draws is not None:
        return f"{needed.total_shots:,} ({needed.draws:,} draws)"
    return f"{needed.total_shots:,} ({needed.shots:,} a setting)"


def _number(value: int | None) -> str:
    return "not available" if value is None else f"{value:,}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    if seconds <= 120:
        return f"{seconds:.1f} s"
    minutes = seconds / 60
    return f"{minutes:.1f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
