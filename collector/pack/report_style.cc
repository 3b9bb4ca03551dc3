#include "collector/pack/html_report.h"

namespace tom {

// Three media: a screen (light or dark, as its owner has it), a telephone of 360 px, where each row
// of a table becomes a card of labelled lines, and paper. Nothing is fetched.
const char kReportStyle[] = R"CSS(
:root { color-scheme: light dark;
  --ink: #1b1f24; --soft: #57606a; --line: #d5dae0; --ground: #ffffff; --wash: #f4f6f8; --link: #0b4f9e;
  --good: #14532d; --mixed: #6b4700; --bad: #8a1c1c; --open: #3b4252; }
@media screen and (prefers-color-scheme: dark) { :root {
  --ink: #e6e9ec; --soft: #a4aeb8; --line: #363e47; --ground: #14171a; --wash: #1e2328; --link: #8ab8f5;
  --good: #7fd6a0; --mixed: #e3b855; --bad: #ff948e; --open: #b3bdcb; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 "Source Serif 4", Charter, Georgia, serif;
  overflow-wrap: anywhere; }
main { max-width: 70rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 600; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; line-height: 1.3; font-weight: 600; margin: 3.25rem 0 .75rem; padding-top: 1rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.1rem; line-height: 1.35; font-weight: 600; margin: 2.25rem 0 .25rem; }
h4 { font-size: .95rem; font-weight: 600; margin: 1.5rem 0 .35rem; }
p, ul, ol { max-width: 46rem; } p { margin: .5rem 0; }
ul, ol { padding-left: 1.3rem; } li { margin: .3rem 0; }
a { color: var(--link); text-underline-offset: .15em; }
code { font: .88em ui-monospace, Menlo, Consolas, monospace; }
pre { background: var(--wash); padding: .8rem 1rem; margin: .75rem 0; white-space: pre-wrap; font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
.kicker { color: var(--soft); letter-spacing: .06em; text-transform: uppercase; font: .8rem/1.4 system-ui, sans-serif; margin: 0 0 .75rem; }
.soft { color: var(--soft); }
.fine { font: .76rem/1.45 ui-monospace, Menlo, Consolas, monospace; color: var(--soft); }
.contents { font: .9rem/1.5 system-ui, sans-serif; margin: 1.5rem 0 0; max-width: none; }
.contents a { display: inline-block; margin: 0 1.1rem .2rem 0; }
table { width: 100%; border-collapse: collapse; margin: .75rem 0 1.25rem; font: .88rem/1.45 system-ui, sans-serif; }
caption { text-align: left; color: var(--soft); padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom: 1px solid var(--ink); font-weight: 600; overflow-wrap: normal; }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
td.word, td.time { overflow-wrap: normal; } td.time { min-width: 6.5rem; font-variant-numeric: tabular-nums; }
td p { margin: .3rem 0 0; } td ul { list-style: none; margin: 0; padding: 0; } td li { margin: 0 0 .35rem; }
td .fine { margin-top: .25rem; }
dl { display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: .3rem 1rem; margin: 1.5rem 0; font: .92rem/1.5 system-ui, sans-serif; }
dt { color: var(--soft); } dd { margin: 0; }
.status { font-weight: 600; font-family: system-ui, sans-serif; overflow-wrap: normal; }
.status::before { font-family: sans-serif; }
.satisfied { color: var(--good); } .satisfied::before { content: "\25CF\00A0"; }
.satisfied_with_exceptions { color: var(--mixed); } .satisfied_with_exceptions::before { content: "\25D0\00A0"; }
.not_satisfied { color: var(--bad); } .not_satisfied::before { content: "\25A0\00A0"; }
.not_assessed { color: var(--open); } .not_assessed::before { content: "\25CB\00A0"; }
.totals { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); border: 1px solid var(--line); margin: 1.5rem 0; font-family: system-ui, sans-serif; }
.totals div { padding: .8rem 1rem; border-left: 1px solid var(--line); } .totals div:first-child { border-left: 0; }
.totals b { display: block; font-size: 1.7rem; font-weight: 600; line-height: 1.2; }
.totals .status { line-height: 1.3; display: block; }
.note { background: var(--wash); border-left: 3px solid var(--mixed); padding: .7rem 1rem; max-width: 46rem; margin: 1rem 0; }
.attention { border-left: 3px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: .9rem 0; } .attention p { margin: .15rem 0; }
.attention ul { margin: .2rem 0; }
.late { color: var(--bad); font-weight: 600; }
@media screen and (max-width: 50rem) {
  main { padding: 1.75rem 1rem 3rem; } h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dt { margin-top: .6rem; }
  .totals { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .totals div:nth-child(3) { border-left: 0; } .totals div:nth-child(n+3) { border-top: 1px solid var(--line); }
  table, caption, tbody, tr, td { display: block; width: 100%; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); padding: .5rem .75rem; margin: 0 0 .7rem; }
  td, td.figure { border: 0; padding: .15rem 0 .15rem 7.5rem; position: relative; text-align: left; min-height: 1.6rem; }
  td::before { content: attr(data-label); position: absolute; left: 0; width: 7rem; color: var(--soft); }
}
@media print {
  body { font-size: 9.5pt; } main { max-width: none; padding: 0; } a { color: inherit; text-decoration: none; }
  table { font-size: 8pt; } .fine { font-size: 6.5pt; } .contents { display: none; }
  h2 { margin-top: 2rem; } h2, h3, h4, caption { break-after: avoid; } tr, .totals, .note, .attention, dl { break-inside: avoid; }
  thead { display: table-header-group; }
  @page { margin: 18mm 15mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
}
)CSS";

}  // namespace tom
