"""Draws report.png, the top of a report, by Chromium: `python docs/report_picture.py`."""

import shutil
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
SPEC = DOCS.parent / "experiments" / "ising_aer.toml"
WIDTH, BELOW = 900, 20  # pixels: of the picture, and below its last part


def draw(page: Path, picture: Path) -> None:
    """The report in ``page`` down to its first picture, into ``picture``."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program is not None, "needs Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 2000})
        tab.goto(page.resolve().as_uri())
        last = tab.locator(".picture").first.bounding_box()
        assert last is not None
        height = last["y"] + last["height"] + BELOW
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
        tab.screenshot(path=str(picture), clip=clip)
        browser.close()


if __name__ == "__main__":
    sys.path.insert(0, str(DOCS.parent))
    from qbell.campaigns.run import run
    from qbell.campaigns.spec import read_spec

    with tempfile.TemporaryDirectory() as folder:
        run(read_spec(SPEC), Path(folder))
        draw(Path(folder) / "report.html", DOCS / "report.png")
