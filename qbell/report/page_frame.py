"""The frame of the report's page: its headings, its style, and places for what is in it."""

FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; --ink: #222; --paper: #fff; --quiet: #555; --line: #ddd;
  --link: #0b57a4 }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #eee; --paper: #181a1b; --quiet: #b5b5b5; --line: #444; --link: #8ec5ff }}
  svg {{ background: #fff; border-radius: 4px }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); background: var(--paper); overflow-wrap: break-word }}
a {{ color: var(--link) }}
h1 {{ font-size: 1.5rem; margin-bottom: 0 }}
h2 {{ font-size: 1.1rem; margin-top: 2rem }}
h3 {{ font-size: 1rem }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: right }}
th {{ font-weight: normal }}
tr > :first-child, .said td, .said th {{ text-align: left; vertical-align: top }}
.said code {{ font-size: .7rem; overflow-wrap: anywhere }}
pre {{ overflow-x: auto; border: 1px solid var(--line); padding: .6rem; font-size: .85rem }}
@media (max-width: 30rem) {{ table {{ font-size: .8rem }} td, th {{ padding: .3rem .2rem }} }}
svg {{ display: block; width: 100%; height: auto; margin: 1rem auto 0 }}
.picture {{ overflow-x: auto }}
@media screen and (max-width: 34rem) {{ .picture svg {{ min-width: 32rem }} }}
.how {{ color: var(--quiet) }}
.live {{ display: none; background: #fff; color: #222; color-scheme: light; border-radius: 4px;
  margin-top: 1rem; padding: .3rem; overflow-x: auto }}
@media screen {{ .lively .live {{ display: block }} .lively .still {{ display: none }} }}
@media print {{ :root {{ --ink: #000; --paper: #fff; --quiet: #333; --line: #bbb; --link: #000 }}
  body {{ max-width: none; margin: 0; font-size: 11pt }} h2, h3 {{ break-after: avoid }}
  svg, tr {{ break-inside: avoid }} pre {{ white-space: pre-wrap }} }}
</style></head><body><main>
<h1>{title}</h1>
<p><strong>{headline}</strong></p>
<p class="how">{taken}. {says}</p>
<h2>Estimates, with {percent} intervals</h2>
<table>{head}{rows}</table>
{bound}
<h2>What the data certify</h2>
<table>{certified}</table>
{ladder}
<h2>Checks of what this rests on</h2>
<table class="said">{checks}</table>
<h2>What these numbers mean</h2>
{sentences}
{added}{parts}
{device}{map}{notes}{provenance}
</main>
{scripts}</body></html>
"""

BOUND_SAYS = """<p class="how">The bound of Eq. (24) never exceeds the quantum Fisher
information. An asterisk marks a degenerate interval: its width comes from the allowance for
unobserved outcomes or draws, which is conservative. Estimates are unbiased, so they can be negative
where the true value is close to 0; intervals begin at 0.</p>"""

ORDERS = """<h2>Which orders carry the bound</h2>
{orders}
<h2>Correlators by order, relative to the local limit</h2>
<p class="how">Each dot is one correlator. The first {shown} of each order show their intervals;
print shows the {shown} largest alone. The dashed line, 2^-n, is the most that local realism allows
if each qubit's two settings are chosen freely; {above}. Among so many dots a few lie high by
chance: the table above counts those that lie above 0 and above the line by intervals that hold
for all at once. Only E<sub>N,0</sub> enters the certificate.</p>
{correlators}
{oscillation}
{bootstrap}"""

STARS = """<h2>Stars</h2>
<p class="how">Each star by itself, with an interval for itself. Dots of a star have the colour of
its visibility, its centre a rim; squares are separators. A red rim: not above the star's own local
limit. Qubits are numbered as on the device, if the stars were chosen on one.</p>
{picture}
<table>{head}{rows}</table>
"""

SCATTER = (
    "Estimates from resampled data, scaled to scatter as they would if the truth were the "
    "estimate. The interval is not read off this histogram: it allows for a scatter that depends "
    "on the truth."
)
