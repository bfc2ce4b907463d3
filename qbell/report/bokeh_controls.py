"""Which correlators are shown, and in what order: filters and a sort for mouse and keyboard."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.plots.correlators import LARGEST_SHOWN

ALL = "all orders"
SORTS = {
    "E / limit, largest first": ("ratio", -1),
    "E, largest first": ("value", -1),
    "E, smallest first": ("value", 1),
    "low end, largest first": ("low", -1),
    "order, lowest first": ("order", 1),
    "order, highest first": ("order", -1),
    "label": ("label", 1),
}
"""By the words of the choice: column, and 1 for ascending or -1. The first is how rows come."""

# The text of the label is a part of it, in which a point is any letter.
FILTER = """
const text = part.value_input.trim().replace(/[^0+.-]/g, "").replace(/[+]/g, "[+]");
const wanted = new RegExp(text);
const {order, label} = source.data;
const kept = [], reached = [], of_order = {};
let count = 0;
for (let i = 0; i < label.length; i++) {
  const keep = (which.value == ALL || order[i] == which.value) && wanted.test(label[i]);
  if (keep) { count += 1; of_order[order[i]] = (of_order[order[i]] || 0) + 1; }
  kept.push(keep);
  if (keep && of_order[order[i]] <= MOST) reached.push(i);
}
shown.booleans = kept;
barred.indices = reached;
said.text = `${count} of ${label.length} rows${left}`;
"""
# Rows that are equal stay as they were; a sort by a click on a column's head ends.
SORT = """
const [column, sign] = SORTS[by.value];
const key = source.data[column];
const rows = Array.from(key, (_, i) => i);
rows.sort((a, b) => sign * ((key[a] > key[b]) - (key[a] < key[b])));
const sorted = {};
for (const [name, values] of Object.entries(source.data)) {
  sorted[name] = rows.map((i) => values[i]);
}
const shown = cb_context.index.find_one(table);
shown?.grid.setSortColumns([]);
source.selected.indices = [];
source.data = sorted;
narrow.execute(by).then(() => shown?.updateGrid());
"""


def with_bar(order: NDArray[np.integer[Any]]) -> list[int]:
    """Rows whose interval is drawn: the first of each order, as many as in the picture."""
    first = [np.flatnonzero(order == each)[:LARGEST_SHOWN] for each in np.unique(order)]
    return [int(row) for rows in first for row in rows]


def controls(source: Any, shown: Any, barred: Any, table: Any, *, left: str, example: str) -> Any:
    """A row of choices by order, by label and of the sort, and how many rows there are.

    Args:
        source: `ColumnDataSource` of the rows.
        shown: `BooleanFilter` of the rows that are shown.
        barred: `IndexFilter` of those whose interval is drawn.
        table: `DataTable` whose sort by a column's head ends where another is chosen.
        left: what is said of rows that are not in the page.
        example: of a part of a label.
    """
    from bokeh.layouts import row
    from bokeh.models import CustomJS, Div, Select, TextInput

    orders = sorted(set(source.data["order"].tolist()))
    which = Select(title="Order", value=ALL, options=[ALL, *map(str, orders)], width=120)
    part = TextInput(title="Part of the label, . for any letter", width=220)
    part.placeholder = f"such as {example}"
    by = Select(title="Sort by", value=next(iter(SORTS)), options=list(SORTS), width=190)
    count = len(source.data["order"])
    said = Div(text=f"{count} of {count} rows{left}", margin=(26, 5, 5, 5))
    said.html_attributes = {"role": "status"}
    linked = {"source": source, "shown": shown, "barred": barred, "which": which, "part": part}
    constants = {"said": said, "left": left, "ALL": ALL, "MOST": LARGEST_SHOWN}
    narrow = CustomJS(args={**linked, **constants}, code=FILTER)
    which.js_on_change("value", narrow)
    part.js_on_change("value_input", narrow)
    again = {"source": source, "by": by, "table": table, "narrow": narrow, "SORTS": SORTS}
    by.js_on_change("value", CustomJS(args=again, code=SORT))
    return row(which, part, by, said, sizing_mode="stretch_width", styles={"flex-wrap": "wrap"})
