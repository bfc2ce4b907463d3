"""A plugin of pytest: reports without pictures, where a test does not ask for them."""

from importlib import import_module

import pytest

from qbell.report.interactive import Interactive


@pytest.fixture(autouse=True)
def _blank_pictures(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A report has its pictures where a test is marked ``pictures``; with ``pictures("built")``
    they are made, and not turned into text. Both take longer than all the rest of a small campaign.
    Charts for the screen are made where it is marked ``charts``.
    """
    mark = request.node.get_closest_marker("pictures")
    if mark is None:
        page = import_module("qbell.report.page")
        for name in [name for name in vars(page) if name.endswith("_plot")]:
            monkeypatch.setattr(page, name, lambda *_: "<svg></svg>")
    elif mark.args == ("built",):
        monkeypatch.setattr("qbell.report.plots._svg", lambda figure, alt: "<svg></svg>")
    if request.node.get_closest_marker("charts") is None:
        none = Interactive({}, "")
        monkeypatch.setattr("qbell.report.page.interactive", lambda result, summary: none)
