#include "collector/pack/html_report.h"

namespace tom {

// Every attribute is quoted. {{#n}}…{{/n}} is a figure: its mark and its text. `data-label` names a
// cell where the screen is too narrow for the table's head.
const char kReportTemplate[] = R"HTML(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Evidence report: {{title}}</title>
<style>{{{style}}}</style>
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
{{#demonstration}}<p class="note"><strong>Demonstration.</strong> The time-stamps are of an authority that calls itself a demonstration: they bind nothing outside the machine that it ran on.</p>{{/demonstration}}
{{#incomplete}}<p class="note">The agreement's published text is incomplete; nothing was invented for what is missing.</p>{{/incomplete}}

<p class="contents"><a href="#result">Result</a><a href="#clauses">Clause by clause</a><a href="#measures">Measure by measure</a><a href="#systems">Systems in scope</a><a href="#rules">Rules and their changes</a><a href="#anchors">Anchors in time</a><a href="#withheld">Exclusions and withheld text</a><a href="#limits">What this cannot show</a><a href="#verify">How to verify</a></p>

<h2 id="result">Result</h2>
<div class="totals">
{{#counts}}<div><b>{{>n}}</b><span class="status {{class}}">{{words}}</span></div>
{{/counts}}</div>
{{#has_attention}}<h4>What needs attention</h4>
{{#attention}}<div class="attention">
<p><a href="#{{anchor}}">{{title}}</a>: <span class="status {{class}}">{{#status}}{{>n}}{{/status}}</span></p>
{{#has_reasons}}<ul>{{#reasons}}<li>{{>n}}</li>{{/reasons}}</ul>{{/has_reasons}}
</div>
{{/attention}}{{/has_attention}}
<h4>All measures</h4>
<table>
<caption>Each measure over the whole period, never at its end alone. Figures at the right count rows at the period's end.</caption>
<thead><tr><th>Measure</th><th>Clauses</th><th>Status</th><th class="figure">Coverage</th><th class="figure">Passing</th><th class="figure">Failing</th><th class="figure">Unknown</th><th class="figure">Units</th></tr></thead>
<tbody>
{{#measures}}<tr><td data-label="Measure"><a href="#{{anchor}}">{{title}}</a></td><td data-label="Clauses">{{clause_list}}</td><td data-label="Status"><span class="status {{class}}">{{#status}}{{>n}}{{/status}}</span></td><td class="figure" data-label="Coverage">{{#coverage}}{{>n}}{{/coverage}}</td><td class="figure" data-label="Passing">{{#passing}}{{>n}}{{/passing}}</td><td class="figure" data-label="Failing">{{#failing}}{{>n}}{{/failing}}</td><td class="figure" data-label="Unknown">{{#unknown}}{{>n}}{{/unknown}}</td><td class="figure" data-label="Units">{{#units}}{{>n}}{{/units}}</td></tr>
{{/measures}}</tbody>
</table>

<h4>What the words mean</h4>
<ul>
<li><span class="status satisfied">satisfied</span>: no failure in the period, and looked at for at least {{threshold_satisfied}} of the time that the profile demands.</li>
<li><span class="status satisfied_with_exceptions">satisfied with exceptions</span>: looked at for at least {{threshold_assessed}}, or failures that were all remedied in time; each is listed.</li>
<li><span class="status not_satisfied">not satisfied</span>: a failure that was not remedied in time, or still stands.</li>
<li><span class="status not_assessed">not assessed</span>: too little was seen to say. It is no finding of non-compliance, and no reassurance.</li>
</ul>
{{#has_remedy}}<p>In time means, from the first failing observation on: {{#remedy}}{{severity}} {{time}}{{^last}}, {{/last}}{{/remedy}}.</p>{{/has_remedy}}
<p>An unknown is never counted as good. Coverage is the share of demanded time in which a system was looked at, by signed reports whose time is bracketed from outside. The denominator is the inventory, not what happens to report. A unit is one system under one check with one set of parameters.</p>

<h2 id="clauses">Clause by clause</h2>
<p><em>Basis</em> says whether the agreement promises it in so many words (promised), in words that had to be read (interpreted), or not at all (voluntary). <em>Proof</em> says what stands behind it: measured on systems, a document, a person's statement, or none: then ask the processor for it.</p>
<table>
<thead><tr><th>Clause</th><th>Promise, and how it is read</th><th>Basis</th><th>Proof</th><th>Measures, with status and coverage</th></tr></thead>
<tbody>
{{#clauses}}<tr><td class="word" data-label="Clause">{{clause}}</td><td data-label="Promise">{{promise}}{{#reading}}<p class="soft">Read as: {{text}}{{by}}</p>{{/reading}}</td><td class="word" data-label="Basis">{{basis}}</td><td class="word" data-label="Proof">{{proof}}</td><td data-label="Measures">{{#has_assessed}}<ul>{{#assessed}}<li><a href="#{{anchor}}">{{title}}</a><br><span class="status {{class}}">{{#status}}{{>n}}{{/status}}</span>, {{#coverage}}{{>n}}{{/coverage}}</li>{{/assessed}}</ul>{{/has_assessed}}{{^has_assessed}}<span class="soft">none</span>{{/has_assessed}}</td></tr>
{{/clauses}}</tbody>
</table>

<h2 id="measures">Measure by measure</h2>
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
{{#findings}}<tr><td data-label="System">{{name}}<br>{{#check}}{{>n}}{{/check}}</td><td data-label="Seen"><strong>{{subject}}</strong> {{reason}}{{#has_evidence}}<div class="fine">{{#evidence}}{{column}}={{value}} {{/evidence}}</div>{{/has_evidence}}<div class="fine">{{#trace}}{{label}} {{>n}} {{/trace}}</div></td><td class="word" data-label="Severity">{{#severity}}{{>n}}{{/severity}}</td><td class="time" data-label="Opened">{{#opened}}{{>n}}{{/opened}}</td><td class="time" data-label="Due">{{#due}}{{>n}}{{/due}}</td><td class="time" data-label="Closed">{{#closed}}{{>n}}{{/closed}}{{^closed}}{{#late}}<span class="late">open, overdue at the period's end</span>{{/late}}{{^late}}open{{/late}}{{/closed}}</td></tr>
{{/findings}}</tbody>
</table>
{{/has_findings}}
{{#has_gaps}}
<table>
<caption>Where nobody looked all the time that was demanded</caption>
<thead><tr><th>System</th><th>Check</th><th class="figure">Demanded, seconds</th><th class="figure">Covered, seconds</th></tr></thead>
<tbody>
{{#gaps}}<tr><td data-label="System">{{name}} <span class="fine">{{#system}}{{>n}}{{/system}}</span></td><td data-label="Check">{{#check}}{{>n}}{{/check}}<div class="fine">parameters {{#params}}{{>n}}{{/params}}</div></td><td class="figure" data-label="Demanded, s">{{#demanded}}{{>n}}{{/demanded}}</td><td class="figure" data-label="Covered, s">{{#covered}}{{>n}}{{/covered}}</td></tr>
{{/gaps}}</tbody>
</table>
{{/has_gaps}}
</section>
{{/measures}}

<h2 id="systems">Systems in scope</h2>
<table>
<thead><tr><th>System</th><th>Role</th><th>Owner</th><th>Site</th><th>Personal data</th><th>Critical</th></tr></thead>
<tbody>
{{#systems}}<tr><td data-label="System">{{name}}<div class="fine">{{system_id}}</div></td><td data-label="Role">{{role}}</td><td data-label="Owner">{{owner}}</td><td data-label="Site">{{site}}</td><td class="word" data-label="Personal data">{{personal}}</td><td class="word" data-label="Critical">{{critical}}</td></tr>
{{/systems}}</tbody>
</table>
{{^systems}}<p class="note">No inventory in this period: without one no measure is better than not assessed.</p>{{/systems}}

<h2 id="rules">Rules and their changes</h2>
<p>Who decided what is judged, and from when. A rule counts from the first outside time-stamp after it was recorded, never earlier.</p>
<table>
<thead><tr><th>Recorded</th><th>Stamped</th><th>Kind</th><th>By</th><th>What</th></tr></thead>
<tbody>
{{#changes}}<tr><td class="time" data-label="Recorded">{{at}}</td><td class="time" data-label="Stamped">{{stamped}}</td><td class="word" data-label="Kind">{{kind}}</td><td data-label="By">{{who}}</td><td data-label="What">{{what}}<div class="fine">{{digest}}</div></td></tr>
{{/changes}}</tbody>
</table>

<h2 id="anchors">Anchors in time</h2>
<p>Each line is a state of the ledger that an outside authority has time-stamped (RFC 3161). What a state covers existed before that time.</p>
<table>
<thead><tr><th>Time</th><th class="figure">Entries</th><th>Authority</th><th>Root</th></tr></thead>
<tbody>
{{#stamps}}<tr><td class="time" data-label="Time">{{at}}</td><td class="figure" data-label="Entries">{{size}}</td><td data-label="Authority">{{authority}}</td><td data-label="Root"><span class="fine">{{root}}</span></td></tr>
{{/stamps}}</tbody>
</table>

<h2 id="withheld">Exclusions, and what is withheld</h2>
<p>{{exclusions}}</p>
<p>Verdicts are never withheld. The text behind a verdict can be: where it belongs to another controller, or its retention has ended. Such a row shows its opaque subject id only.</p>

<h2 id="limits">What this cannot show</h2>
<ul>
<li>Systems that are in no inventory and were never seen.</li>
<li>A kernel or an agent that has lied since it was enrolled.</li>
<li>Changes that came and went between two looks.</li>
<li>Anything before the first anchor in time.</li>
<li>Collusion between the processor and the time-stamp authority.</li>
<li>Whether what people have declared is true.</li>
</ul>

<h2 id="verify">How to verify</h2>
<p>Do not believe this page: verify the pack that it came in. The verifier needs no network and no server, recomputes every figure here from the signed observations, and says so where one differs:</p>
<pre>tom-verify PACK.asice --trust trust.json --tsa-trust tsa.pem</pre>
<p>Take both trust files from the processor by another way than the pack. README.txt in the pack tells how to check its signature with <code>unzip</code>, <code>sha256sum</code> and <code>openssl</code> alone.</p>
</main>
</body>
</html>
)HTML";

}  // namespace tom
