"""How values show themselves in notebooks: a title and a small table, as HTML or as text."""

import html
from abc import abstractmethod
from typing import Any

Row = tuple[str, str]


class Shown:
    """A value that notebooks and IPython show as a title and rows of name and value."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """IPython takes a class's own ``__repr__``, which dataclasses have, before this one's."""
        super().__init_subclass__(**kwargs)
        cls._repr_pretty_ = Shown._repr_pretty_  # type: ignore[method-assign]

    @abstractmethod
    def shown(self) -> tuple[str, list[Row]]:
        """Title, and rows of name and value, in plain text."""

    def _repr_html_(self) -> str:
        title, rows = self.shown()
        lines = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
            f'<td style="text-align:left">{html.escape(value)}</td></tr>'
            for name, value in rows
        )
        return f"<strong>{html.escape(title)}</strong><table>{lines}</table>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        title, rows = self.shown()
        width = max((len(name) for name, _ in rows), default=0)
        lines = [title, *(f"  {name:<{width}}  {value}" for name, value in rows)]
        printer.text("\n".join(lines))
