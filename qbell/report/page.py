"""The report as one self-contained HTML page with pictures."""

import html
from collections.abc import Sequence
from typing import Any

from qbell.designs import find_design
from qbell.estimator import Result
from qbell.plots.correlators import LARGEST_SHOWN
from qbell.report.checks import check_labels, check_rows
from qbell.report.device import device_table, noise_said
from qbell.report.headline import headline
from qbell.report.interactive import Interactive, interactive
from qbell.report.page_frame import BOUND_SAYS, FRAME, ORDERS, SCATTER, STARS
from qbell.report.plots import (
    bootstrap_plot,
    bound_plot,
    correlator_plot,
    device_plot,
    ladder_plot,
    order_plot,
    oscillation_plot,
    star_plot,
)
from qbell.report.provenance import Provenance, provenance_section
from qbell.report.rows import (
    certificate_rows,
    certificate_sentences,
    part_rows,
    quantity_rows,
    taken_text,
    title_text,
)


def html_page(result: Result, summary: dict[str, Any], provenance: Provenance | None = None) -> str:
    """The report as one HTML page without outside parts.

    Args:
        result: the estimates.
        summary: as `qbell.report.summary.summarize` makes it of them.
        provenance: what the page's folder says of its origin; None leaves that section out.
    """
    names = ("quantity", "measured", "interval", "exact")
    checks = check_labels(summary)
    claims = [row for row in certificate_rows(summary) if row[0] not in checks]
    sentences = [
        f"<li>{html.escape(name)}: {html.escape(says)}</li>"
        for name, says in certificate_sentences(summary)
    ]
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in summary["notes"])
    silent = not find_design(summary["design"]).measures_qfi
    charts = Interactive({}, "") if silent else interactive(result, summary)
    return FRAME.format(
        title=html.escape(title_text(summary)),
        headline=html.escape(headline(summary)),
        head=_head(names),
        rows="".join(map(_row, quantity_rows(summary))),
        certified="".join(map(_row, claims)),
        ladder="" if silent else ladder_plot(result),
        checks=_head(("tested", "p-value", "verdict")) + "".join(map(_row, check_rows(summary))),
        sentences=f'<ul class="how">{"".join(sentences)}</ul>' if sentences else "",
        added=_parts(summary),
        device=device_table(summary),
        map="" if silent else _section("The device's qubits", device_plot(summary)),
        notes=f"<h2>Notes</h2><ul>{notes}</ul>" if notes else "",
        percent=f"{100 * summary['bound']['confidence']:g} %",
        bound="" if silent else f"{BOUND_SAYS}{noise_said(summary)}{bound_plot(summary)}",
        parts=_stars(result) if silent else _orders(result, summary, charts),
        says=html.escape(summary["claim_says"]),
        taken=html.escape(taken_text(summary)),
        provenance="" if provenance is None else provenance_section(summary, provenance),
        scripts=charts.scripts,
    )


def _orders(result: Result, summary: dict[str, Any], charts: Interactive) -> str:
    """The bound by order, the correlators, the parity oscillation, and how the bound scatters."""
    return ORDERS.format(
        orders=_both(charts, "orders", order_plot(summary)),
        correlators=_both(charts, "correlators", correlator_plot(result)),
        oscillation=_section("Parity oscillation", oscillation_plot(result)),
        bootstrap=_section("How the bound scatters", bootstrap_plot(result, summary), SCATTER),
        above="these data are of this kind"
        if summary["claim"] == "bell"
        else "these data are not of this kind, so a dot above it is no Bell claim",
        shown=LARGEST_SHOWN,
    )


def _stars(result: Result) -> str:
    """The device with its stars, and a table of them."""
    names = ("centre", "leaves", "separators", "visibility", "interval", "local limit")
    wires = () if result.shots.stars is None else result.shots.stars.wires

    def listed(qubits: Sequence[int]) -> str:
        return ", ".join(str(wires[qubit] if wires else qubit) for qubit in qubits) or "–"

    rows = "".join(
        _row(
            (
                listed([star["centre"]]),
                listed(star["leaves"]),
                listed(star["separators"]),
                f"{star['visibility']:.3f} ± {star['standard_error']:.3f}",
                f"[{star['low']:.3f}, {star['high']:.3f}]",
                f"{star['local_limit']:g}",
            )
        )
        for star in result.facts.get("by_star", ())
    )
    return STARS.format(picture=star_plot(result), head=_head(names), rows=rows)


def _head(cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f'<th scope="col">{cell}</th>' for cell in cells) + "</tr>"


def _row(cells: Sequence[str]) -> str:
    """A row of a table, headed by its first cell."""
    first, *rest = (html.escape(cell).replace(" %", "&nbsp;%") for cell in cells)
    values = "".join(f"<td>{cell}</td>" for cell in rest)
    return f'<tr><th scope="row">{first}</th>{values}</tr>'


def _both(charts: Interactive, name: str, picture: str) -> str:
    """The picture, which is for print and readers without scripts where there is a chart."""
    place = charts.places.get(name)
    return picture if place is None else f'<div class="still">{picture}</div>{place}'


def _section(title: str, picture: str, says: str = "") -> str:
    """A section, where there is something in it."""
    said = f'<p class="how">{says}</p>\n' if says else ""
    return f"<h2>{title}</h2>\n{said}{picture}\n" if picture else ""


def _parts(summary: dict[str, Any]) -> str:
    """The parts of a campaign, each by itself, as a table; empty where there is one alone."""
    rows = "".join(map(_row, part_rows(summary)))
    names = ("part", "bound", "interval", "p-value against local realism")
    if not rows:
        return ""
    return f"<h2>Each part by itself</h2><table>{_head(names)}{rows}</table>\n"
