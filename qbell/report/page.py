"""The report as one self-contained HTML page with pictures."""

import html
from collections.abc import Sequence
from typing import Any

from qbell.designs import find_design
from qbell.estimator import Result
from qbell.plots.correlators import LARGEST_SHOWN
from qbell.report.device import device_table, noise_said
from qbell.report.headline import headline
from qbell.report.plots import (
    bound_plot,
    correlator_plot,
    order_plot,
    oscillation_plot,
    star_plot,
)
from qbell.report.rows import (
    certificate_rows,
    certificate_sentences,
    part_rows,
    quantity_rows,
    taken_text,
    title_text,
)


def html_page(result: Result, summary: dict[str, Any]) -> str:
    """The report as one HTML page without outside parts."""
    names = ("quantity", "measured", "interval", "exact")
    head = "".join(f'<th scope="col">{cell}</th>' for cell in names)
    rows = "".join(map(_row, quantity_rows(summary)))
    certified = "".join(map(_row, certificate_rows(summary)))
    sentences = "".join(
        f"<li>{html.escape(name)}: {html.escape(says)}</li>"
        for name, says in certificate_sentences(summary)
    )
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in summary["notes"])
    percent = f"{100 * summary['bound']['confidence']:g} %"
    silent = not find_design(summary["design"]).measures_qfi
    return _PAGE.format(
        title=html.escape(title_text(summary)),
        headline=html.escape(headline(summary)),
        head=head,
        rows=rows,
        certified=certified,
        sentences=f'<ul class="how">{sentences}</ul>' if sentences else "",
        added=_parts(summary),
        device=device_table(summary),
        notes=f"<h2>Notes</h2><ul>{notes}</ul>" if notes else "",
        percent=percent,
        bound="" if silent else f"{_BOUND_SAYS}{noise_said(summary)}{bound_plot(summary)}",
        parts=_stars(result) if silent else _orders(result, summary),
        says=html.escape(summary["claim_says"]),
        taken=html.escape(taken_text(summary)),
    )


def _orders(result: Result, summary: dict[str, Any]) -> str:
    """The bound by order, the correlators, and the parity oscillation where that was measured."""
    return _ORDERS.format(
        orders=order_plot(summary),
        correlators=correlator_plot(result),
        oscillation=_oscillation(result),
        above="these data are of this kind"
        if summary["claim"] == "bell"
        else "these data are not of this kind, so a dot above it is no Bell claim",
        shown=LARGEST_SHOWN,
    )


def _stars(result: Result) -> str:
    """The device with its stars, and a table of them."""
    names = ("centre", "leaves", "separators", "visibility", "interval", "local limit")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
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
    return _STARS.format(picture=star_plot(result), head=head, rows=rows)


def _row(cells: Sequence[str]) -> str:
    """A row of a table, headed by its first cell."""
    first, *rest = map(html.escape, cells)
    values = "".join(f"<td>{cell}</td>" for cell in rest)
    return f'<tr><th scope="row">{first}</th>{values}</tr>'


def _parts(summary: dict[str, Any]) -> str:
    """The parts of a campaign, each by itself, as a table; empty where there is one alone."""
    rows = "".join(map(_row, part_rows(summary)))
    names = ("part", "bound", "interval", "p-value against local realism")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    if not rows:
        return ""
    return f"<h2>Each part by itself</h2><table><tr>{head}</tr>{rows}</table>\n"


def _oscillation(result: Result) -> str:
    """Parity of all qubits against the common angle, where that was measured."""
    picture = oscillation_plot(result)
    return f"<h2>Parity oscillation</h2>{picture}" if picture else ""


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; --ink: #222; --paper: #fff; --quiet: #555; --line: #ddd }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #eee; --paper: #181a1b; --quiet: #b5b5b5; --line: #444 }}
  svg {{ background: #fff; border-radius: 4px }} }}
@media print {{ :root {{ --ink: #000; --paper: #fff; --quiet: #333; --line: #bbb }}
  body {{ max-width: none }} h2 {{ break-after: avoid }} svg, tr {{ break-inside: avoid }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); background: var(--paper); overflow-wrap: break-word }}
h1 {{ font-size: 1.5rem; margin-bottom: 0 }}
h2 {{ font-size: 1.1rem; margin-top: 2rem }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: right }}
th {{ font-weight: normal }}
@media (max-width: 30rem) {{ table {{ font-size: .8rem }} td, th {{ padding: .3rem .2rem }} }}
tr > :first-child {{ text-align: left }}
svg {{ width: 100%; height: auto; margin-top: 1rem }}
.how {{ color: var(--quiet) }}
</style></head><body>
<h1>{title}</h1>
<p><strong>{headline}</strong></p>
<p class="how">{taken}. {says}</p>
<h2>Estimates, with {percent} intervals</h2>
<table><tr>{head}</tr>{rows}</table>
{bound}
<h2>What the data certify</h2>
<table>{certified}</table>
{sentences}
{added}{parts}
{device}{notes}
</body></html>
"""

_BOUND_SAYS = """<p class="how">The bound of Eq. (24) never exceeds the quantum Fisher
information. An asterisk marks a degenerate interval: its width comes from the allowance for
unobserved outcomes or draws, which is conservative. Estimates are unbiased, so they can be negative
where the true value is close to 0; intervals begin at 0.</p>"""

_ORDERS = """<h2>Which orders carry the bound</h2>
{orders}
<h2>Correlators by order, relative to the local limit</h2>
<p class="how">Each dot is one correlator, the {shown} largest of each order. The dashed line, 2^-n,
is the most that local realism allows if each qubit's two settings are chosen freely; {above}. Among
so many dots a few lie high by chance: the table above counts those that lie above 0 and above the
line by intervals that hold for all at once. Only E<sub>N,0</sub> enters the certificate.</p>
{correlators}
{oscillation}
"""

_STARS = """<h2>Stars</h2>
<p class="how">Each star by itself, with an interval for itself. Dots of a star have the colour of
its visibility, its centre a rim; squares are separators. A red rim: not above the star's own local
limit. Qubits are numbered as on the device, if the stars were chosen on one.</p>
{picture}
<table><tr>{head}</tr>{rows}</table>
"""
