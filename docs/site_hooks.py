"""What the documentation site adds to the pages: files beside docs/, and the commands' help."""

import re
import sys
from pathlib import Path
from typing import Any

import typer
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))
from taken import with_tables

ROOT = Path(__file__).parent.parent
BESIDE = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "circuits/README.md",
    "experiments/README.md",
)
SEARCH = 'data-md-component="search" aria-label="Search"'


def on_files(files: Files, config: Any) -> Files:
    """Pages that stand elsewhere in the repository."""
    for name in BESIDE:
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"beside/{name}", content=_links(text, name)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links out of docs/ lead to the pages above, or home; and the help of each command."""
    if page.file.src_uri == "reference/python.md":
        return markdown + "\n" + "\n".join(_public())
    if page.file.src_uri == "reference/commands.md":
        return markdown + "\n\n" + "\n\n".join(_helps())
    if page.file.src_uri == "numbers.md":
        return with_tables(markdown)

    def target(match: "re.Match[str]") -> str:
        name, anchor = match["path"], match["anchor"] or ""
        return f"](beside/{name}{anchor})" if name in BESIDE else "](index.md)"

    if page.file.src_uri.startswith("beside/"):
        return markdown
    return re.sub(r"\]\(\.\./(?P<path>[^)#]+)(?P<anchor>#[^)]*)?\)", target, markdown)


def on_post_page(output: str, page: Any, config: Any) -> str:
    """A name for the theme's search dialog, for screen readers."""
    return output.replace('data-md-component="search" role="dialog"', f"{SEARCH} role=\"dialog\"")


def _links(text: str, name: str) -> str:
    """Links of a file beside docs/, as seen from beside/."""
    up = "../" * (name.count("/") + 1)
    here = name.rpartition("/")[0]

    def target(match: "re.Match[str]") -> str:
        path, anchor = match["path"], match["anchor"] or ""
        if path.startswith(("https://", "http://")) or not path:
            return match[0]
        whole = (ROOT / here / path).resolve().relative_to(ROOT).as_posix()
        if whole.startswith("docs/"):
            return f"]({up}{whole.removeprefix('docs/')}{anchor})"
        whole = f"{whole}/README.md" if f"{whole}/README.md" in BESIDE else whole
        return f"]({up}beside/{whole}{anchor})" if whole in BESIDE else f"]({up}index.md)"

    return re.sub(r"\]\((?P<path>[^)#\s]*)(?P<anchor>#[^)]*)?\)", target, text)


def _public() -> list[str]:
    """A place for the docstring of each public name, for mkdocstrings."""
    import qbell

    lines = []
    for title, room in (("qbell", qbell), ("Exact values", qbell.exact), ("Plots", qbell.plots)):
        lines.append(f"\n## {title}\n")
        for name in sorted(room.__all__):
            if callable(getattr(room, name)):
                lines.append(f"::: {room.__name__}.{name}\n")
    return lines


def _helps() -> list[str]:
    """Usage and help of each command, as the command line prints them."""
    from typer.testing import CliRunner

    from qbell.cli.app import COMMANDS, app

    runner = CliRunner(env={"COLUMNS": "90", "NO_COLOR": "1", "TERM": "dumb"})
    assert isinstance(app, typer.Typer)
    found = []
    for name in COMMANDS:
        shown = runner.invoke(app, [name, "--help"])
        assert shown.exit_code == 0, shown.output
        found.append(f"## qbell {name}\n\n```text\n{shown.output.strip()}\n```")
    return found
