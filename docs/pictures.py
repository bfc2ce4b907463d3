"""Draws the pictures of gallery.md by running its blocks: `python docs/pictures.py` from the top."""

import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent


def draw(folder: Path) -> list[str]:
    """Names of the pictures written into ``folder``: each is that of the lines below it."""
    from matplotlib import pyplot, rc_context

    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    drawn, picture = [], None
    with rc_context():
        for image, block in re.findall(r"\]\(figures/plots/(\S+)\)|```python\n(.*?)```", page, re.S):
            picture = image or picture
            if block:
                exec(compile(block, "docs/gallery.md", "exec"), names)
            if block and picture:
                names["ax"].figure.savefig(folder / picture, dpi=110)
                pyplot.close(names["ax"].figure)
                drawn.append(picture)
                picture = None
    return drawn


if __name__ == "__main__":
    sys.path.insert(0, str(DOCS.parent))
    for name in draw(DOCS / "figures" / "plots"):
        print(name)
