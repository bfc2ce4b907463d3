"""The page in a browser: it asks for nothing, complains of nothing, and can be used by anybody."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qbell
from qbell.conventions.axes import parse_axis
from qbell.report.page import html_page
from qbell.report.provenance import Provenance
from qbell.report.summary import known_values, summarize
from qbell.shots.shots import Shots
from tests.support.browser import Browser
from tests.support.simulated import probabilities, random_shots, white_noise_ghz

pytestmark = [pytest.mark.slow, pytest.mark.pictures, pytest.mark.charts]
MOST_BYTES = 5_000_000
MAP = {
    "name": "a device",
    "calibrated": "2026-01-01T00:00:00+00:00",
    "edges": [[0, 1], [1, 2], [2, 3], [2, 4]],
    "readout_error": [0.01, 0.02, None, 0.005, 0.03],
    "qubits": [1, 2, 3],
}


def written(size: int, folder: Path, rng: np.random.Generator, **more: Any) -> Path:
    """The page of a noisy GHZ state, with every section that a page can have."""
    shots = random_shots(probabilities(white_noise_ghz(size, 0.2)), 1500, rng)
    return written_of(shots, folder, **more)


def written_of(shots: Shots, folder: Path, **more: Any) -> Path:
    """The page of shots of a GHZ state."""
    result = qbell.estimate(shots, resamples=200, seed=1)
    known = known_values(qbell.ghz(shots.num_qubits), parse_axis("z"))
    summary = {**summarize(result, family="ghz", known=known), **more}
    origin = Provenance("[state]\n", {"qbell": "1"}, {"counts.csv": "ab12"}, ("counts.csv",))
    path = folder / "report.html"
    path.write_text(html_page(result, summary, origin), encoding="utf-8")
    return path


def test_the_page_in_a_browser(browser: Browser, tmp_path: Path, rng: np.random.Generator) -> None:
    path = written(3, tmp_path, rng, device_map=MAP)
    assert path.stat().st_size < MOST_BYTES
    with browser.open(path) as opened:
        page = opened.page
        page.wait_for_selector("html[data-charts='2']")
        rows = page.locator(".slick-row")
        rows.first.wait_for()
        assert rows.first.locator(".slick-cell").first.inner_text() in ("+++", "---")
        page.get_by_label("Order", exact=True).select_option("2")
        page.get_by_text(re.compile("^12 of 26 rows")).wait_for()
        page.get_by_label("Part of the label").fill("+.0")
        page.get_by_text(re.compile("^2 of 26 rows")).wait_for()
        assert sorted(row.split()[0] for row in rows.all_inner_texts()) == ["++0", "+-0"]
        page.get_by_label("Part of the label").fill("")
        page.get_by_label("Order", exact=True).select_option("all orders")
        page.locator(".slick-header-column", has_text="order").click()  # ascending
        assert rows.first.locator(".slick-cell").nth(1).inner_text() == "1"
        by = page.get_by_label("Sort by", exact=True)
        by.press("End")  # by the keyboard alone, and in spite of the click
        rows.first.get_by_text("+++", exact=True).wait_for()
        assert rows.nth(1).locator(".slick-cell").first.inner_text() == "++-"
        by.press("ArrowUp")
        rows.first.get_by_text("3", exact=True).wait_for()
        assert by.input_value() == "order, highest first"
        assert not page.locator(".still").first.is_visible()
        assert opened.severe() == []
        page.emulate_media(color_scheme="dark")
        assert opened.severe(runOnly=["color-contrast"]) == []
        page.emulate_media(media="print")
        assert page.locator(".still svg").first.is_visible()
        assert not page.locator(".live").first.is_visible()
        assert opened.errors == []
        assert opened.outside == []


def test_without_scripts_all_pictures_are_there(
    browser: Browser, tmp_path: Path, rng: np.random.Generator
) -> None:
    path = written(3, tmp_path, rng)
    with browser.open(path, width=400, java_script_enabled=False) as opened:
        pictures = opened.page.locator("svg[role=img]")
        assert all(picture.is_visible() for picture in pictures.all())
        assert pictures.count() == 5
        body = opened.page.locator("body").bounding_box()
        assert body is not None
        assert body["width"] <= 400
        assert opened.errors == []


@pytest.mark.nightly
def test_all_correlators_of_eight_qubits(browser: Browser, tmp_path: Path) -> None:
    settings = qbell.schedule(8, design="random", draws=1500, seed=1)
    path = written_of(qbell.sample(qbell.ghz(8), settings, shots=1, seed=2), tmp_path)
    assert path.stat().st_size < MOST_BYTES
    with browser.open(path) as opened:
        opened.page.wait_for_selector("html[data-charts='2']")
        opened.page.get_by_label("Part of the label").fill("++++++++")
        opened.page.get_by_text(re.compile("^1 of 6560 rows")).wait_for()
        assert opened.errors == []
        assert opened.outside == []
