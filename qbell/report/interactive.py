"""Charts for the screen: hover, zoom, sort and filter, by Bokeh, loaded when they are made.

The page holds them beside the static pictures, which stay for print and without scripts. Bokeh's
scripts are written into the page, so that it needs nothing from outside.
"""

import base64
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from qbell.estimator import Result

SCRIPTS = ("bokeh", "bokeh-widgets", "bokeh-tables")


@dataclass(frozen=True)
class Interactive:
    """Parts of a page.

    Attributes:
        places: by the name of a chart, the element that it will fill.
        scripts: to stand at the end of the page; empty if there are no charts.
    """

    places: Mapping[str, str]
    scripts: str


def interactive(result: Result, summary: dict[str, Any]) -> Interactive:
    """The interactive charts of a report: ``orders`` and ``correlators``."""
    from qbell.report.bokeh_correlators import correlator_browser
    from qbell.report.bokeh_orders import order_chart

    charts = {
        "orders": ("The bound by order, interactive", order_chart(summary)),
        "correlators": ("Table and chart of correlators, interactive", correlator_browser(result)),
    }
    made = {name: chart for name, chart in charts.items() if chart[1] is not None}
    places = {
        name: f'<div class="live" id="live-{name}" role="group" aria-label="{label}"></div>'
        for name, (label, _) in made.items()
    }
    items = [_item(name, model) for name, (_, model) in made.items()]
    return Interactive(places, _scripts(items) if items else "")


def _item(name: str, model: Any) -> str:
    """A chart as JSON for `Bokeh.embed.embed_item`."""
    from bokeh.embed import json_item

    text = json.dumps(json_item(model, f"live-{name}"), separators=(",", ":"))
    text = re.sub(r'"(H4sI[\w+/=]+)"', _stored, text)
    numbers: dict[str, str] = {}  # ids count on in a process: from 1 in every page
    text = re.sub(r'"p(\d+)"', lambda m: numbers.setdefault(m[0], f'"p{len(numbers) + 1}"'), text)
    return text.replace("<", "\\u003c")  # in a script no text may look like a tag or a comment


def _stored(packed: re.Match[str]) -> str:
    """An array packed by gzip, as bytes that a browser need not unpack: faster to open."""
    plain = gzip.decompress(base64.b64decode(packed[1]))
    return f'"{base64.b64encode(gzip.compress(plain, 0, mtime=0)).decode()}"'


def _scripts(items: list[str]) -> str:
    home = resources.files("bokeh") / "server" / "static" / "js"
    loaded = "".join(
        f"<script>{(home / f'{name}.min.js').read_text(encoding='utf-8')}</script>\n"
        for name in SCRIPTS
    )
    return loaded + _EMBED.replace("ITEMS", f"[{','.join(items)}]")


# Only what is shown has a size to be drawn in; if that fails, the static pictures come back.
_EMBED = """<script>
(async (items) => {
  const page = document.documentElement;
  page.classList.add("lively");
  try {
    for (const item of items) { await Bokeh.embed.embed_item(item); }
    page.dataset.charts = items.length;
  } catch (error) { page.classList.remove("lively"); console.error(error); }
})(ITEMS);
</script>
"""
