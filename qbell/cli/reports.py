"""Finished campaigns: their report anew, and several side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from qbell.cli.app import Json, app, written
from qbell.cli.output import print_json, print_table, progress_bar, say, show
from qbell.errors import QbellError
from qbell.util.printable import printable

if TYPE_CHECKING:
    import pandas as pd


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished campaign.")],
    as_json: Json = False,
) -> None:
    """Write the report of a finished campaign anew, from its shots.

    The tables and the summary beside it are written, too.

    Example: qbell report results/ghz_aer
    """
    from qbell.campaigns.phase_scan.files import holds_scan
    from qbell.campaigns.phase_scan.run import analyze_scan
    from qbell.campaigns.run import analyze

    if not folder.is_dir():
        raise QbellError(
            f"{folder} is no folder of a campaign; for a table of counts: qbell analyze FILE.csv "
            "--out DIR"
        )
    if holds_scan(folder):
        show(analyze_scan(folder), as_json)
        return
    with progress_bar() as progress:
        show(analyze(folder, progress=progress), as_json)


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(help="Folders of finished campaigns.")],
    out: Annotated[
        Path | None,
        typer.Option(
            parser=written,
            metavar="PATH",
            help="Write the table as STEM.csv and a picture as STEM.png.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put finished campaigns side by side, as table and picture.

    The bound with its interval, what is certified, and exact values where they are known.

    Example: qbell compare results/ghz_aer results/ghz_fake_pittsburgh --out results/side_by_side
    """
    from qbell.campaigns.folder import SUMMARY_FILE
    from qbell.report.compare import compare as side_by_side
    from qbell.shots.read_shots import read_record

    names = [str(folder) for folder in folders]
    for name in names:
        if names.count(name) > 1:
            raise QbellError(f"{name} is given twice; give each folder once")
        if not (Path(name) / SUMMARY_FILE).is_file():
            raise QbellError(
                f"{name} is no folder of a finished campaign: it has no {SUMMARY_FILE}; give the "
                "folder that qbell run or qbell fetch wrote"
            )
    table = side_by_side({name: read_record(Path(name) / SUMMARY_FILE) for name in names})
    if as_json:
        print_json({"campaigns": table.to_dict(orient="records")})
    else:
        print_table(_table(table.to_dict(orient="records")))
    if out is not None:
        _write(table, out)
        say(f"wrote {out.with_name(out.name + '.csv')} and {out.with_name(out.name + '.png')}")


def _table(rows: list[dict[Any, Any]]) -> Table:
    from qbell.certificates.statement import p_text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        "campaign",
        "backend",
        "N",
        "QFI bound",
        "interval",
        "exact QFI",
        "Bell",
        "p-value",
    ):
        shown.add_column(
            name, justify="left" if name in ("campaign", "backend") else "right", no_wrap=True
        )
    for row in rows:
        exact, p_value = row["exact_qfi"], row["p_value"]
        shown.add_row(
            printable(str(row["campaign"])),
            printable(str(row["backend"] or "")),
            str(row["n"]),
            f"{row['bound']:.4g} ± {row['bound_error']:.2g}",
            f"[{row['bound_low']:.4g}, {row['bound_high']:.4g}]",
            "" if _missing(exact) else f"{exact:.4g}",
            f"{row['bell_qubits']} of {row['n']}",
            "" if _missing(p_value) else p_text(p_value),
        )
    return shown


def _missing(value: Any) -> bool:
    import pandas as pd

    return value is None or bool(pd.isna(value))


def _write(table: "pd.DataFrame", out: Path) -> None:
    import io
    from functools import partial

    from qbell.plots import comparison
    from qbell.plots.canvas import STYLE
    from qbell.util.atomic_files import write_atomically, write_bytes
    from qbell.util.load_matplotlib import load_matplotlib

    load_matplotlib()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(7, 1.3 + 0.4 * len(table)))
        comparison(table, figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
    write_atomically(out.with_name(out.name + ".csv"), partial(table.to_csv, index=False))
    write_bytes(out.with_name(out.name + ".png"), buffer.getvalue())
