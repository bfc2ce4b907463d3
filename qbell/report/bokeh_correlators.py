"""Correlators to browse: a chart and a table that share filters by order and by label, by Bokeh."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.estimator import Result
from qbell.plots.canvas import LIMIT, MEASURED
from qbell.report.bokeh_controls import controls, with_bar
from qbell.report.bokeh_style import plot

MOST_ROWS = 3**9
"""More are not written into a page: it shows as many of each order, the largest."""
LINEAR = 0.1  # below this multiple of the local limit the scale is linear
TICKS = (-10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0)
HEIGHT, TABLE_HEIGHT = 360, 340
TABLE_WIDTH = 560  # at least: narrower columns would cut digits off
ROW, LETTER, COLUMN = 25, 10, 80  # pixels
MOST_LETTERS = 40  # of a label to make room for
# Made after the charts, which can be read by then.
ADD_TABLE = "setTimeout(() => { place.children = [table]; }, 100);"


def correlator_browser(result: Result) -> Any:
    """The largest correlators relative to the local limit, the largest on top; None if none."""
    from bokeh.document import Document
    from bokeh.layouts import column
    from bokeh.models import (
        BooleanFilter,
        CDSView,
        Column,
        ColumnDataSource,
        CustomJS,
        Div,
        IndexFilter,
    )

    rows, total = _rows(result)
    if rows.empty:
        return None
    source = ColumnDataSource(_columns(rows))
    shown = BooleanFilter()  # all
    barred = IndexFilter(indices=with_bar(rows["order"].to_numpy()))
    view = CDSView(filter=shown)
    table = _table(source, view)
    left = "" if len(rows) == total else f"; the largest of {total}, all in correlators.csv"
    example = "+" * min(result.shots.num_qubits, 4)
    chosen = controls(source, shown, barred, table, left=left, example=example)
    chart = _chart(source, view, CDSView(filter=barred))
    stretch = {"sizing_mode": "stretch_width"}
    place = Column(Div(text="the table follows"), min_height=table.height, **stretch)
    page = column(chosen, chart, place, **stretch)
    document = Document()
    document.add_root(page)
    add = CustomJS(args={"place": place, "table": table}, code=ADD_TABLE)
    document.js_on_event("document_ready", add)
    return page


def _rows(result: Result) -> tuple[pd.DataFrame, int]:
    """The correlators to show, largest multiple of the limit first, and how many exist."""
    table = result.correlators
    table = table[(table["order"] > 0) & np.isfinite(table["value"])]
    ratio = (table["value"] / table["local_bound"]).rename("ratio")
    table, total = table.assign(ratio=ratio).sort_values("ratio", ascending=False), len(table)
    if total > MOST_ROWS:
        each = MOST_ROWS // table["order"].nunique()
        table = table.groupby("order", sort=False).head(each)
    return table, total


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """In single precision, which is more than a page can show."""
    names = ("value", "standard_error", "low", "high", "local_bound", "ratio")
    data: dict[str, Any] = {name: table[name].to_numpy(dtype=np.float32) for name in names}
    order, limit = table["order"].to_numpy(dtype=np.int32), table["local_bound"].to_numpy()
    shifts = np.random.default_rng(0).uniform(-0.35, 0.35, len(table))
    data |= {
        "label": table["label"].tolist(),
        "order": order,
        "x": (order + shifts).astype(np.float32),
        "y": _scaled(table["ratio"].to_numpy()),
        "y_low": _scaled(table["low"].to_numpy() / limit),
        "y_high": _scaled(table["high"].to_numpy() / limit),
    }
    return data


def _scaled(ratio: NDArray[Any]) -> NDArray[np.float32]:
    """Linear around 0 and logarithmic far from it: asinh(ratio / LINEAR)."""
    return np.arcsinh(np.asarray(ratio, dtype=float) / LINEAR).astype(np.float32)


def _chart(source: Any, view: Any, with_interval: Any) -> Any:
    from bokeh.models import FixedTicker, HoverTool, Scatter, Segment, Span

    low, high = float(source.data["y_low"].min()), float(source.data["y_high"].max())
    order = source.data["order"]
    chart = plot(
        "order n",
        "E / local limit 2⁻ⁿ",
        x_range=(int(order.min()) - 0.7, int(order.max()) + 0.7),
        y_range=(min(low, -0.3) - 0.2, max(high, float(_scaled(np.array(1.0)))) + 0.4),
        height=HEIGHT,
    )
    places = {float(_scaled(np.array(tick))): f"{tick:g}" for tick in TICKS}
    chart.yaxis[0].ticker = FixedTicker(ticks=list(places))
    chart.yaxis[0].major_label_overrides = places
    chart.xaxis[0].ticker = FixedTicker(ticks=sorted({int(n) for n in order}))
    reach = Segment(x0="x", x1="x", y0="y_low", y1="y_high", line_color=MEASURED, line_alpha=0.25)
    chart.add_glyph(source, reach, view=with_interval)
    look = {"size": 6, "fill_color": MEASURED, "line_color": None}
    dots = chart.add_glyph(
        source,
        Scatter(x="x", y="y", **look),
        view=view,
        nonselection_glyph=Scatter(x="x", y="y", fill_alpha=0.3, **look),
        selection_glyph=Scatter(x="x", y="y", size=12, fill_color="#D55E00", line_color="black"),
    )
    local = float(_scaled(np.array(1.0)))
    chart.add_layout(Span(location=local, dimension="width", line_color=LIMIT, line_dash="dashed"))
    tips = [
        ("label", "@label"),
        ("E", "@value{0.000000} ± @standard_error{0.000000}"),
        ("interval", "@low{0.000000} to @high{0.000000}"),
        ("local limit", "@local_bound{%.6g}"),
        ("E / local limit", "@ratio{0.000}"),
    ]
    printed = {"@local_bound": "printf"}  # it may be far below 10^-6
    chart.add_tools(HoverTool(renderers=[dots], tooltips=tips, formatters=printed, limit=3))
    return chart


def _table(source: Any, view: Any) -> Any:
    from bokeh.models import (
        DataTable,
        NumberFormatter,
        ScientificFormatter,
        StringFormatter,
        TableColumn,
    )

    letters = StringFormatter(text_align="left")
    titles = {
        "label": "label",
        "order": "order",
        "value": "E",
        "low": "low",
        "high": "high",
        "local_bound": "local limit",
        "ratio": "E / limit",
    }
    digits = {"order": "0", "ratio": "0.000"}
    labels = source.data["label"]
    columns = [
        TableColumn(
            field=field,
            title=title,
            width=LETTER * min(max(len(labels[0]), 10), MOST_LETTERS)
            if field == "label"
            else COLUMN,
            formatter=letters
            if field == "label"
            else ScientificFormatter(precision=6, text_align="left")
            if field == "local_bound"
            else NumberFormatter(format=digits.get(field, "0.000000"), text_align="left"),
        )
        for field, title in titles.items()
    ]
    return DataTable(
        source=source,
        view=view,
        columns=columns,
        index_position=None,
        height=min(TABLE_HEIGHT, ROW * (len(labels) + 2)),  # with the head
        min_width=TABLE_WIDTH,
        sizing_mode="stretch_width",
        autosize_mode="force_fit",
        reorderable=False,  # needs a library that the page lacks
    )
