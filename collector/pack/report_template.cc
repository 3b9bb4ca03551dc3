#include "collector/pack/html_report.h"

namespace tom {

// Every attribute is quoted. {{#n}}…{{/n}} is a figure: its mark and its text.
const char kReportTemplate[] = R"HTML(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Evidence report: {{title}}</title>
<style>
:root { --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --ground: #ffffff; --wash: #f5f6f8;
  --good: #14532d; --mixed: #6b4700; --bad: #8a1c1c; --open: #3b4252; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 "Source Serif 4", Charter, Georgia, serif; }
main { max-width: 66rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 600; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; font-weight: 600; margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.1rem; font-weight: 600; margin: 2.25rem 0 .25rem; }
h4 { font-size: .95rem; font-weight: 600; margin: 1.25rem 0 .35rem; }
p { max-width: 46rem; margin: .5rem 0; }
.kicker { color: var(--soft); letter-spacing: .06em; text-transform: uppercase; font: .8rem/1.4 system-ui, sans-serif; margin: 0 0 .75rem; }
.soft { color: var(--soft); }
.fine { font: .78rem/1.45 ui-monospace, Menlo, Consolas, monospace; color: var(--soft); overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: .75rem 0 1rem; font: .88rem/1.45 system-ui, sans-serif; }
caption { text-align: left; color: var(--soft); padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-bottom: 1px solid var(--ink); font-weight: 600; white-space: nowrap; }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
dl { display: grid; grid-template-columns: 12rem 1fr; gap: .3rem 1rem; margin: 1.5rem 0; font: .92rem/1.5 system-ui, sans-serif; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.status { font-weight: 600; white-space: nowrap; }
.satisfied { color: var(--good); } .satisfied::before { content: "\25CF\00A0"; }
.satisfied_with_exceptions { color: var(--mixed); } .satisfied_with_exceptions::before { content: "\25D0\00A0"; }
.not_satisfied { color: var(--bad); } .not_satisfied::before { content: "\25A0\00A0"; }
.not_assessed { color: var(--open); } .not_assessed::before { content: "\25CB\00A0"; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); margin: 1.5rem 0; font-family: system-ui, sans-serif; }
.totals div { background: var(--ground); padding: .8rem 1rem; }
.totals b { display: block; font-size: 1.7rem; font-weight: 600; line-height: 1.2; }
.note { background: var(--wash); border-left: 3px solid var(--soft); padding: .7rem 1rem; max-width: 46rem; margin: 1rem 0; }
ul { max-width: 46rem; padding-left: 1.2rem; } li { margin: .25rem 0; }
@media (max-width: 44rem) { dl { grid-template-columns: 1fr; gap: 0; } dt { margin-top: .5rem; } table { display: block; overflow-x: auto; } }
@media print { body { font-size: 10pt; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } tr, .totals, .note { break-inside: avoid; } thead { display: table-header-group; } @page { margin: 18mm 16mm; } }
</style>
</head>
<body>
<main>
<p class="kicker">Evidence of technical and organisational measures</p>
<h1>{{title}}</h1>
<p class="soft">Agreement version {{version}}, profile {{#profile}}{{>n}}{{/profile}}</p>

<dl>
<dt>Period</dt><dd>{{#from}}{{>n}}{{/from}} to {{#to}}{{>n}}{{/to}}</dd>
<dt>Shown to</dt><dd>{{#controller}}controller {{>n}}{{/controller}}{{^controller}}the whole installation: no controller was named{{/controller}}</dd>
<dt>Enrolled hosts</dt><dd>{{#hosts}}{{>n}}{{/hosts}}</dd>
<dt>Ledger</dt><dd>{{ledger}}</dd>
<dt>Anchored outside</dt><dd>{{#outside}}{{>n}}{{/outside}}{{#authorities}}, by {{name}}{{/authorities}}</dd>
{{#document}}<dt>Agreement digest</dt><dd class="fine">SHA-256 {{document}}</dd>{{/document}}
</dl>
{{^anchored}}<p class="note"><strong>No outside anchor.</strong> Nobody but the processor vouches for any time in this report.</p>{{/anchored}}
{{#incomplete}}<p class="note">The agreement's published text is incomplete; nothing was invented for what is missing.</p>{{/incomplete}}

<h2>The result</h2>
<div class="totals">
{{#counts}}<div><b>{{>n}}</b><span class="status {{class}}">{{words}}</span></div>
{{/counts}}</div>
<table>
<caption>Each measure over the whole period, never at its end alone. Figures at the right count rows at the period's end.</caption>
<thead><tr><th>Measure</th><th>Clauses</th><th>Status</th><th class="figure">Coverage</th><th class="figure">Passing</th><th class="figure">Failing</th><th class="figure">Unknown</th><th class="figure">Units</th></tr></thead>
<tbody>
{{#measures}}<tr><td><a href="#{{anchor}}">{{title}}</a></td><td>{{clause_list}}</td><td><span class="status {{class}}">{{#status}}{{>n}}{{/status}}</span></td><td class="figure">{{#coverage}}{{>n}}{{/coverage}}</td><td class="figure">{{#passing}}{{>n}}{{/passing}}</td><td class="figure">{{#failing}}{{>n}}{{/failing}}</td><td class="figure">{{#unknown}}{{>n}}{{/unknown}}</td><td class="figure">{{#units}}{{>n}}{{/units}}</td></tr>
{{/measures}}</tbody>
</table>

<h4>What the words mean</h4>
<ul>
<li><span class="status satisfied">satisfied</span>: no failure in the period, and looked at for at least {{threshold_satisfied}} of the time that the profile demands.</li>
<li><span class="status satisfied_with_exceptions">satisfied with exceptions</span>: looked at for at least {{threshold_assessed}}, or failures that were all remedied in time; each is listed.</li>
<li><span class="status not_satisfied">not satisfied</span>: a failure that was not remedied in time, or still stands.</li>
<li><span class="status not_assessed">not assessed</span>: too little was seen to say. It is no finding of non-compliance, and no reassurance.</li>
</ul>
<p>An unknown is never counted as good. Coverage is the share of demanded time in which a system was looked at, by signed reports whose time is bracketed from outside. The denominator is the inventory, not what happens to report.</p>

<h2>What was promised</h2>
<table>
<thead><tr><th>Clause</th><th>Promise</th><th>How it is read</th><th>Basis</th><th>Proof</th></tr></thead>
<tbody>
{{#clauses}}<tr><td>{{clause}}</td><td>{{promise}}</td><td>{{reading}}</td><td>{{basis}}</td><td>{{proof}}</td></tr>
{{/clauses}}</tbody>
</table>

<h2>Measure by measure</h2>
{{#measures}}
<section>
<h3 id="{{anchor}}">{{title}}</h3>
<p class="fine">{{#id}}{{>n}}{{/id}}{{#clauses}} · clause {{>n}}{{/clauses}}</p>
{{#statement}}<p>{{statement}}</p>{{/statement}}
<p><span class="status {{class}}">{{#status}}{{>n}}{{/status}}</span>, coverage {{#coverage}}{{>n}}{{/coverage}}</p>
{{#has_reasons}}<ul>{{#reasons}}<li>{{>n}}</li>{{/reasons}}</ul>{{/has_reasons}}
{{#has_findings}}
<table>
<caption>Findings: from the first failing observation to the passing one that closed it</caption>
<thead><tr><th>System, check</th><th>What was seen</th><th>Severity</th><th>Opened</th><th>Due</th><th>Closed</th></tr></thead>
<tbody>
{{#findings}}<tr><td>{{name}}<br>{{#check}}{{>n}}{{/check}}</td><td><strong>{{subject}}</strong> {{reason}}<div class="fine">{{#trace}}{{label}} {{>n}} {{/trace}}</div></td><td>{{#severity}}{{>n}}{{/severity}}</td><td>{{#opened}}{{>n}}{{/opened}}</td><td>{{#due}}{{>n}}{{/due}}</td><td>{{#closed}}{{>n}}{{/closed}}{{^closed}}open{{/closed}}</td></tr>
{{/findings}}</tbody>
</table>
{{/has_findings}}
{{#has_gaps}}
<table>
<caption>Where nobody looked all the time that was demanded</caption>
<thead><tr><th>System</th><th>Check</th><th class="figure">Demanded, seconds</th><th class="figure">Covered, seconds</th></tr></thead>
<tbody>
{{#gaps}}<tr><td>{{name}} <span class="fine">{{#system}}{{>n}}{{/system}}</span></td><td>{{#check}}{{>n}}{{/check}}<div class="fine">parameters {{#params}}{{>n}}{{/params}}</div></td><td class="figure">{{#demanded}}{{>n}}{{/demanded}}</td><td class="figure">{{#covered}}{{>n}}{{/covered}}</td></tr>
{{/gaps}}</tbody>
</table>
{{/has_gaps}}
</section>
{{/measures}}

<h2>Systems in scope</h2>
<table>
<thead><tr><th>System</th><th>Role</th><th>Owner</th><th>Site</th><th>Personal data</th><th>Critical</th></tr></thead>
<tbody>
{{#systems}}<tr><td>{{name}}<div class="fine">{{system_id}}</div></td><td>{{role}}</td><td>{{owner}}</td><td>{{site}}</td><td>{{personal}}</td><td>{{critical}}</td></tr>
{{/systems}}</tbody>
</table>
{{^systems}}<p class="note">No inventory in this period: without one no measure is better than not assessed.</p>{{/systems}}

<h2>Rules and their changes</h2>
<p>Who decided what is judged, and from when. A rule counts from the first outside time-stamp after it was recorded, never earlier.</p>
<table>
<thead><tr><th>Recorded</th><th>Kind</th><th>By</th><th>What</th></tr></thead>
<tbody>
{{#changes}}<tr><td>{{at}}</td><td>{{kind}}</td><td>{{who}}</td><td>{{what}}<div class="fine">{{digest}}</div></td></tr>
{{/changes}}</tbody>
</table>

<h2>Anchors in time</h2>
<p>Each line is a state of the ledger that an outside authority has time-stamped (RFC 3161). What a state covers existed before that time.</p>
<table>
<thead><tr><th>Time</th><th class="figure">Entries</th><th>Authority</th><th>Root</th></tr></thead>
<tbody>
{{#stamps}}<tr><td>{{at}}</td><td class="figure">{{size}}</td><td>{{authority}}</td><td class="fine">{{root}}</td></tr>
{{/stamps}}</tbody>
</table>

<h2>Exclusions, and what is withheld</h2>
<p>{{exclusions}}</p>
<p>Verdicts are never withheld. The text behind a verdict can be: where it belongs to another controller, or its retention has ended. Such a row shows its opaque subject id only.</p>

<h2>What this cannot show</h2>
<ul>
<li>Systems that are in no inventory and were never seen.</li>
<li>A kernel or an agent that has lied since it was enrolled.</li>
<li>Changes that came and went between two looks.</li>
<li>Anything before the first anchor in time.</li>
<li>Collusion between the processor and the time-stamp authority.</li>
<li>Whether what people have declared is true.</li>
</ul>

<h2>How to check this report</h2>
<p>Do not believe this page: verify the pack that it came in. <code>tom-verify PACK --trust CERTIFICATE --tsa-trust AUTHORITY</code> needs no network and no server, recomputes every figure here from the signed observations, and says so where one differs. README.txt in the pack tells how to check its signature with <code>unzip</code>, <code>sha256sum</code> and <code>openssl</code> alone.</p>
</main>
</body>
</html>
)HTML";

}  // namespace tom
