"""What the Bokeh charts share."""

from typing import Any

SIZE = "12px"  # of letters


def plot(
    x_label: str,
    y_label: str,
    *,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    height: int,
) -> Any:
    """An empty chart with axes and the tools of all charts.

    Of models, not by `bokeh.plotting`, which takes a fifth of a second to import.
    """
    from bokeh.models import Grid, LinearAxis, PanTool, Plot, Range1d, ResetTool, WheelZoomTool

    chart = Plot(
        x_range=Range1d(*x_range),
        y_range=Range1d(*y_range),
        height=height,
        sizing_mode="stretch_width",
        outline_line_color=None,
    )
    for label, side in ((x_label, "below"), (y_label, "left")):
        axis = LinearAxis(
            axis_label=label,
            axis_label_text_font_style="normal",
            axis_label_text_font_size=SIZE,
            axis_label_text_color="#222222",
            major_label_text_font_size=SIZE,
            major_label_text_color="#222222",
            minor_tick_line_color=None,
        )
        chart.add_layout(axis, side)
        chart.add_layout(Grid(axis=axis, dimension=int(side == "left"), grid_line_color="#e6e6e6"))
    chart.add_tools(PanTool(), WheelZoomTool(), ResetTool())
    chart.toolbar.logo = None
    return chart


def span(name: str, value: float, color: str, *, dashed: bool, right: bool) -> tuple[Any, Any]:
    """A line across the chart, and its name with the value."""
    from bokeh.models import Label, Node, Span

    line = Span(
        location=value, dimension="width", line_color=color, line_dash="dashed" if dashed else []
    )
    end = "right" if right else "left"
    label = Label(
        x=Node(target="frame", symbol=end, offset=-4 if right else 4),
        y=value,
        text=f"{name} = {value:.5g}",
        text_font_size=SIZE,
        text_color="#222222",
        text_align=end,
        text_baseline="bottom",
    )
    return line, label
