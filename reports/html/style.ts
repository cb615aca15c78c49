/** How the page looks: on screens light and dark, on paper black on white. No font, image or script from anywhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --sheet: #ffffff; --ink: #1d2125; --soft: #5a636c; --rule: #dcdfe2; --tint: #f2f3f1;
  --accent: #1f5fae; --good: #1a7043; --bad: #b3261e; --warn: #8a5a00; --none: #5a636c;
  --critical: #8c1d4f; --high: #b3261e; --medium: #8a5a00; --low: #35618f; --info: #5a636c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --sheet: #1b1f23; --ink: #e6e8ea; --soft: #a2abb3; --rule: #343a40; --tint: #23282d;
    --accent: #7db4f5; --good: #6fcf97; --bad: #ff8a80; --warn: #f0c060; --none: #a2abb3;
    --critical: #ff8fc0; --high: #ff8a80; --medium: #f0c060; --low: #8fbce8; --info: #a2abb3;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0 auto; max-width: 76rem; padding: 2.5rem 1.5rem 4rem; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 .35rem; font-weight: 650; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 3rem 0 .4rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-weight: 650; }
h3 { font-size: 1rem; margin: 1.75rem 0 .4rem; font-weight: 650; }
p { margin: .4rem 0 1rem; max-width: 72ch; }
time { white-space: nowrap; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: .5rem 1rem; z-index: 1; }
.soft { color: var(--soft); }
.small { font-size: .8125rem; }
code, pre, .id { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .8125rem; }
.id { white-space: nowrap; }
.digest { overflow-wrap: anywhere; white-space: normal; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: 1.25rem 0 0; font-size: .875rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; margin: 1rem 0 0; font-size: .875rem; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; padding: 0; margin: 1.5rem 0; list-style: none; }
.figures li { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: .9rem 1.1rem 1rem; }
.figures .value { display: block; font-size: 2.1rem; line-height: 1.15; font-weight: 650; letter-spacing: -0.02em; }
.figures .name { display: block; font-size: .8125rem; color: var(--soft); }
.verdict { display: inline-block; font-weight: 650; padding: .15rem .7rem; border-radius: 99px; border: 1.5px solid currentColor; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .none { color: var(--none); }
.severity { font-weight: 650; white-space: nowrap; }
.severity::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 2px; background: currentColor; margin-right: .45em; }
.critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); } .info { color: var(--info); }
.scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; margin: .75rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.45; }
caption { text-align: left; padding: .65rem .9rem .5rem; color: var(--soft); font-size: .8125rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .9rem; border-top: 1px solid var(--rule); }
thead th { border-top: 0; border-bottom: 1px solid var(--rule); color: var(--soft); font-weight: 600; font-size: .8125rem; white-space: nowrap; }
caption + thead th { border-top: 1px solid var(--rule); }
tbody tr:nth-child(even) { background: var(--tint); }
td.number, th.number { text-align: right; padding-left: .5rem; padding-right: .7rem; }
td p { margin: 0; } td p + p { margin-top: .3rem; }
td.wide { min-width: 18rem; }
.name { overflow-wrap: anywhere; min-width: 7rem; }
td .name:first-child { font-weight: 600; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
figure { margin: 1rem 0; background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: 1rem 1.1rem .8rem; }
figure.narrow svg { max-width: 44rem; }
figcaption { font-size: .8125rem; color: var(--soft); margin-top: .4rem; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--soft); }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .score { stroke: var(--accent); fill: none; stroke-width: 2.25; stroke-linejoin: round; }
svg .coverage { stroke: var(--soft); fill: none; stroke-width: 1.5; stroke-dasharray: 5 4; stroke-linejoin: round; }
svg .dot { fill: var(--accent); } svg .now { fill: var(--sheet); stroke: var(--accent); stroke-width: 2.5; }
svg .label-score { fill: var(--accent); font-weight: 650; }
svg .bar-critical { fill: var(--critical); } svg .bar-high { fill: var(--high); } svg .bar-medium { fill: var(--medium); }
svg .bar-low { fill: var(--low); } svg .bar-info { fill: var(--info); } svg .track { fill: var(--tint); }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--accent); font-size: .875rem; width: fit-content; }
details.evidence { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: .6rem .9rem; }
details.evidence summary { width: auto; overflow-wrap: anywhere; color: inherit; }
pre { margin: .7rem 0 0; padding: .8rem; background: var(--tint); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: .8125rem; color: var(--soft); }
@media (max-width: 40rem) { body { padding: 1.25rem 1rem 3rem; } dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: .5rem; } }
@media print {
  :root { color-scheme: light; --ground: #fff; --sheet: #fff; --ink: #000; --soft: #444; --rule: #bbb; --tint: #fff; --accent: #1f5fae;
    --good: #1a7043; --bad: #b3261e; --warn: #8a5a00; --none: #444; --critical: #8c1d4f; --high: #b3261e; --medium: #8a5a00; --low: #35618f; --info: #444; }
  @page { margin: 18mm 15mm; }
  html { font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  h2, h3, caption { break-after: avoid; }
  tr, figure, .figures li { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; border-radius: 0; }
  td.wide { min-width: 0; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { color: inherit; }
}
`;
