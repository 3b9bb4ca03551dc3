"""Every check stands in its measure's folder under its own name and has its cases. The engine's lint judges the rest."""
import os
import re

VERDICTS = ("pass", "fail", "unknown")


def checks(tree):
    return [f for f in tree.match("checks/measures/*/*.yaml") if os.path.basename(f) != "measure.yaml"]


def field(text, name):
    found = re.search(rf"^{name}:\s*['\"]?([^\s'\"#]+)", text, re.M)
    return found.group(1) if found else None


def cases(tree, _):
    """At least a pass, a fail and an unknown are expected by each check's cases."""
    for file in checks(tree):
        lines = [line for _, line in tree.lines(file) if not line.lstrip().startswith("#")]
        parts = re.split(r"^cases:", "\n".join(lines), maxsplit=1, flags=re.M)
        expected = set(re.findall(r"\bverdict:\s*['\"]?(\w+)", parts[1])) if len(parts) == 2 else set()
        for verdict in VERDICTS:
            if verdict not in expected:
                yield f"{file}: no case expects {verdict}"


def names(tree, _):
    """The id is the file's name, the measure is the folder's, and each measure has its measure.yaml."""
    for file in checks(tree):
        folder, name = file.split("/")[-2:]
        if field(tree.text(file), "id") != name[:-len(".yaml")]:
            yield f"{file}: id is not the file's name"
        if field(tree.text(file), "measure") != folder:
            yield f"{file}: measure is not the folder's name"
        if f"checks/measures/{folder}/measure.yaml" not in tree.files:
            yield f"{file}: the folder has no measure.yaml"


FRAMEWORKS = {"gdpr": "GDPR ", "iso27001": "ISO/IEC 27001:2022 A.", "soc2": "TSC 2017 (2022) ", "cis": "CIS v8 ",
              "scc": "SCC Annex II "}


def references(tree, _):
    """A check names a place in each framework that its measure refers to, so that one finding answers all of them."""
    for file in checks(tree):
        home = os.path.dirname(file) + "/measure.yaml"
        measure = tree.text(home) if home in tree.files else ""
        found = re.search(r"^references:\s*\[(.*?)\]", tree.text(file), re.M | re.S)
        own = re.findall(r'"([^"]*)"', found.group(1)) if found else []
        for framework, prefix in FRAMEWORKS.items():
            if re.search(rf"^\s+{framework}:", measure, re.M) and not any(r.startswith(prefix) for r in own):
                yield f"{file}: references name nothing of `{prefix.strip()}`, which the measure does"


RULES = [cases, names, references]
