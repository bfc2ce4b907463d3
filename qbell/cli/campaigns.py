"""Campaigns: run, analyze, plan, and the settings they measure."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from qbell.cli import completion
from qbell.cli.app import Json, OnCluster, Out, app, written
from qbell.cli.output import print_json, print_table, progress_bar, say, show
from qbell.designs import DEFAULT, DESIGNS
from qbell.errors import QbellError


@app.command()
def run(
    spec: Annotated[Path, typer.Argument(help="Campaign in TOML.")],
    out: Out = None,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the spec's.")] = None,
    cluster: OnCluster = None,
    as_json: Json = False,
) -> None:
    """Prepare, measure, estimate and report a campaign; resumable.

    Example: qbell run experiments/ghz_aer.toml --json
    """
    from qbell.campaigns.run import run as run_campaign
    from qbell.campaigns.run import run_scan
    from qbell.campaigns.spec import read_spec
    from qbell.util.checks import whole_number

    if seed is not None:
        whole_number("--seed", seed, least=0)
    folder = out if out is not None else Path("results") / spec.stem
    campaign = read_spec(spec)
    outcome: Any
    with progress_bar() as progress:
        if campaign.scan is None:
            outcome = run_campaign(campaign, folder, seed=seed, progress=progress, cluster=cluster)
        elif cluster is not None:
            raise QbellError(f"{spec} is a phase scan, which runs here; leave --cluster out")
        else:
            outcome = run_scan(campaign, folder, seed=seed, progress=progress)
    if outcome.resumed:
        say(f"{folder} already holds these shots: they were analysed again, none were measured")
    show(outcome, as_json)
    say(f"next: qbell plan {spec} (what more shots would give), qbell submit {spec} (on a device)")


@app.command()
def analyze(
    path: Annotated[
        Path,
        typer.Argument(help="Counts CSV (TSV, .gz, Parquet), a job in JSON, or a run's folder."),
    ],
    design: Annotated[
        str | None,
        typer.Option(
            help=f"Design, if no run.json says it: {', '.join(DESIGNS)}.",
            autocompletion=completion.designs,
        ),
    ] = None,
    order: Annotated[
        int | None, typer.Option(help="Order of a covering design, if no run.json says it.")
    ] = None,
    axis: Annotated[
        str | None, typer.Option(help="Axis, if no run.json says it: x, y or z.")
    ] = None,
    provenance: Annotated[
        str | None,
        typer.Option(help="raw, heralded, mitigated or post-selected, if no run.json says it."),
    ] = None,
    bit_order: Annotated[
        str | None,
        typer.Option(help="Which bit of a bitstring is qubit 0: last, as in Qiskit, or first."),
    ] = None,
    word_order: Annotated[
        str | None, typer.Option(help="Which letter of a setting is qubit 0: last, or first.")
    ] = None,
    letters: Annotated[
        str | None,
        typer.Option(
            help="How settings are written: sigma (X, Y, Z along the axis), paulis, 0/1, 1/2, "
            "+1/-1, pennylane or qiskit-experiments."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Another name of a column, such as setting=basis; setting=s0,s1 for one a qubit, "
            "qubit 0 first; count= for one row a shot. Repeat it."
        ),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(help="CSV with a column setting: of the circuits of a job in JSON."),
    ] = None,
    register: Annotated[
        list[str] | None,
        typer.Option(help="Register to join, of a job with several; that of qubit 0 first."),
    ] = None,
    shots: Annotated[
        int | None, typer.Option(help="Shots of a circuit, where a JSON file has probabilities.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(help="Confidence of the intervals; 0.95.")
    ] = None,
    resamples: Annotated[int | None, typer.Option(help="Bootstrap resamples; 1000.")] = None,
    label: Annotated[
        str | None,
        typer.Option(
            help="Correlator to certify, + or - for each qubit, qubit 0 last, such as ++--; or "
            "learn: from held-out shots. All +."
        ),
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="Phase of that correlator in radians, or learn; 0.")
    ] = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of the shots to learn from; 0.25.")
    ] = None,
    by_jobs: Annotated[
        bool | None,
        typer.Option(
            "--by-jobs/--no-by-jobs",
            help="Error bars from the scatter between jobs, or from shots; by jobs where 10 or "
            "more measured all settings.",
        ),
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="CSV of calibration counts: corrects readout errors.")
    ] = None,
    mitigation: Annotated[
        str | None, typer.Option(help="Method of correction: tensored or mthree.")
    ] = None,
    out: Out = None,
    cluster: OnCluster = None,
    as_json: Json = False,
) -> None:
    """Turn shots into estimates: from a table of counts, a job in JSON, or a run's folder.

    Example: qbell analyze experiments/data/ghz_n=3.csv
    """
    from qbell.campaigns.phase_scan.files import holds_scan
    from qbell.campaigns.phase_scan.run import analyze_scan
    from qbell.campaigns.run import analyze as analyze_shots

    if holds_scan(path):
        about = (design, order, axis, provenance, settings, shots, confidence, resamples)
        given = (*about, label, phase, held_out, by_jobs, calibration, mitigation, out, cluster)
        if any(value is not None for value in given):
            raise QbellError(
                f"{path} holds a phase scan, which is analysed as its spec.toml says; leave other "
                "options out, or change [estimate] confidence there"
            )
        show(analyze_scan(path), as_json)
        return
    with progress_bar() as progress:
        outcome = analyze_shots(
            path,
            design=design,
            order=order,
            axis=axis,
            provenance=provenance,
            reading={
                "bit_order": bit_order,
                "word_order": word_order,
                "letters": letters,
                "columns": _columns(column),
                "settings": settings,
                "registers": register or None,
                "shots": shots,
            },
            confidence=confidence,
            resamples=resamples,
            label=label,
            phase=phase,
            held_out=held_out,
            by_jobs=by_jobs,
            calibration=calibration,
            mitigation=mitigation,
            out=out,
            progress=progress,
            cluster=cluster,
        )
    show(outcome, as_json)


def _columns(given: list[str] | None) -> dict[str, str | list[str] | None] | None:
    """OURS=THEIRS as a mapping."""
    found: dict[str, str | list[str] | None] = {}
    for each in given or []:
        ours, equals, theirs = each.partition("=")
        if not equals or ours in found:
            raise QbellError(
                f"--column {each!r}; give each once, as OURS=THEIRS, such as setting=basis"
            )
        found[ours] = theirs.split(",") if "," in theirs else theirs or None
    return found or None


@app.command()
def plan(
    spec: Annotated[Path, typer.Argument(help="Campaign in TOML.")],
    cluster: OnCluster = None,
    as_json: Json = False,
) -> None:
    """Before any shot: expected error bars and p-value, shots needed, gates and processor time.

    Example: qbell plan experiments/ghz_random_aer.toml
    """
    from qbell.campaigns.planning import ScanForecast
    from qbell.campaigns.planning import plan as plan_campaign
    from qbell.campaigns.planning.scan_table import scan_plan_table
    from qbell.campaigns.planning.table import plan_table

    with progress_bar() as progress:
        planned = plan_campaign(spec, progress=progress, cluster=cluster)
    if as_json:
        print_json(planned.record)
    elif isinstance(planned, ScanForecast):
        print_table(scan_plan_table(planned))
    else:
        print_table(plan_table(planned))


@app.command()
def coverage(
    spec: Annotated[Path, typer.Argument(help="Campaign in TOML.")],
    repeats: Annotated[int, typer.Option(help="Data sets to simulate.")] = 400,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the spec's.")] = None,
    cluster: OnCluster = None,
    as_json: Json = False,
) -> None:
    """How often a campaign's intervals hold the exact values.

    Example: qbell coverage experiments/ghz_aer.toml --repeats 100
    """
    from qbell.campaigns.coverage import coverage as study
    from qbell.campaigns.coverage_table import coverage_table

    with progress_bar() as progress:
        found = study(spec, repeats, seed=seed, progress=progress, cluster=cluster)
    if as_json:
        print_json(found.record)
    else:
        print_table(coverage_table(found))


@app.command()
def schedule(
    n: Annotated[int, typer.Option("-n", help="Number of qubits, N.")],
    design: Annotated[
        str, typer.Option(help=f"{', '.join(DESIGNS)}.", autocompletion=completion.designs)
    ] = DEFAULT,
    order: Annotated[
        int | None, typer.Option(help="Largest number of qubits in a correlator (covering).")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(help="Random settings (random, even, ghz, random3).")
    ] = None,
    share: Annotated[
        float | None, typer.Option(help="Share of draws with Z on all qubits (ghz), 0.25.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random settings.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", parser=written, metavar="PATH", help="CSV to write.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The settings of a design, one a row: letters with qubit 0 last, or angles j/(N+1) in units
    of pi (equatorial).

    Example: qbell schedule -n 4 --design random --draws 100 --seed 1 -o settings.csv
    """
    from qbell.designs.schedule import schedule as make
    from qbell.util.atomic_files import write_atomically

    made = make(n, design, draws=draws, order=order, seed=seed, share=share)
    if out is not None:
        write_atomically(out, lambda path: made.frame.to_csv(path, index=False))
    if as_json:
        record = {"n": n, "design": design, "order": made.order, "seed": made.seed}
        record |= {} if made.share is None else {"share": made.share}
        settings = made.frame["setting"].tolist()
        print_json({**record, "num_settings": len(made), "settings": settings})
    elif out is None:
        sys.stdout.write(made.frame.to_csv(index=False))
