"""A headless browser that opens pages of this machine, and complains about what they do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

OWN = ("file:", "data:", "blob:", "about:")
PATIENCE = 60_000  # ms, on a busy machine
SEVERE = ("serious", "critical")


@dataclass
class Opened:
    """A page, and what it complained of or asked for while it was open."""

    page: Any
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def severe(self, **options: Any) -> list[str]:
        """What axe-core finds that is serious or critical: rule, and where."""
        from axe_playwright_python.sync_playwright import Axe

        # Without preload: stylesheets of a file cannot be fetched by scripts, which is an error.
        found = Axe().run(self.page, options={"preload": False, **options}).response["violations"]
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found
            if one["impact"] in SEVERE
        ]


class Browser:
    """Opens pages, each in a context of its own."""

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium

    @contextmanager
    def open(self, path: Path, *, width: int = 1000, **options: Any) -> Iterator[Opened]:
        """A file; ``options`` of Playwright's ``new_context``, such as ``color_scheme``."""
        context = self._chromium.new_context(viewport={"width": width, "height": 900}, **options)
        opened = Opened(context.new_page())
        opened.page.set_default_timeout(PATIENCE)
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on("request", lambda asked: _note(opened, asked.url))
        opened.page.on("console", lambda said: _complaint(opened, said))
        try:
            opened.page.goto(path.as_uri())
            yield opened
        finally:
            context.close()


def _note(opened: Opened, url: str) -> None:
    if not url.startswith(OWN):
        opened.outside.append(url)


def _complaint(opened: Opened, said: Any) -> None:
    if said.type in ("error", "warning"):
        opened.errors.append(said.text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Without it tests are skipped, but not in continuous integration."""
    program = shutil.which("chromium")
    if program is None:
        assert not os.environ.get("CI"), "chromium is missing; .ci/run installs it"
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield Browser(started)
        finally:
            started.close()
