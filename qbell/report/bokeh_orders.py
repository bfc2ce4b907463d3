"""The bound by order as a Bokeh chart."""

from typing import Any

import numpy as np
import pandas as pd

from qbell.plots.canvas import EXACT, LIMIT, MEASURED
from qbell.report.bokeh_style import plot, span

HEIGHT = 320


def order_chart(summary: dict[str, Any]) -> Any:
    """Bars that start where the one before ended; None if no order was measured alone."""
    from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Scatter, VBar, Whisker

    table = pd.DataFrame(summary["bound_by_order"])
    table = table[(table["order"] > 0) & np.isfinite(table["value"])]
    if table.empty:
        return None
    order, parts = table["order"].to_numpy(), table["value"].to_numpy(dtype=float)
    tops = np.cumsum(parts)
    data = {
        "order": order,
        "value": parts,
        "low": table["low"].to_numpy(dtype=float),
        "high": table["high"].to_numpy(dtype=float),
        "top": tops,
        "bottom": tops - parts,
    }
    data |= {"upper": data["bottom"] + data["high"], "lower": data["bottom"] + data["low"]}
    lines = {"shot noise, N": summary["n"], "Heisenberg, N²": summary["n"] ** 2}
    tips = [("order", "@order"), ("adds", "@value{0.0000}")]
    tips += [("interval", "@low{0.0000} to @high{0.0000}"), ("bound so far", "@top{0.0000}")]
    exact = summary["exact"]
    if exact is not None:
        data["exact"] = np.cumsum(np.array(exact["bound_by_order"], dtype=float)[order])
        tips.append(("exact, so far", "@exact{0.0000}"))
        lines["QFI"] = exact["qfi"]
    source = ColumnDataSource(data)
    chart = plot(
        "order n: how many qubits the correlators join",
        "bound, up to order n",
        x_range=(float(order.min()) - 0.6, float(order.max()) + 0.6),
        y_range=(
            min(0.0, float(data["lower"].min())),
            1.08 * max(*lines.values(), float(data["upper"].max())),
        ),
        height=HEIGHT,
    )
    chart.xaxis[0].ticker = FixedTicker(ticks=[int(one) for one in order])
    bars = VBar(x="order", top="top", bottom="bottom", width=0.7, fill_color=MEASURED)
    drawn = chart.add_glyph(source, bars)
    chart.add_layout(Whisker(base="order", upper="upper", lower="lower", source=source))
    if exact is not None:
        dots = Scatter(x="order", y="exact", marker="diamond", size=11, fill_color=EXACT)
        chart.add_glyph(source, dots)
    for name, value in lines.items():
        for part in span(name, float(value), LIMIT, dashed=name != "QFI", right=name == "QFI"):
            chart.add_layout(part)
    chart.add_tools(HoverTool(renderers=[drawn], tooltips=tips, mode="vline"))
    return chart
