#!/usr/bin/env python3
"""The JSON that scripts read (tomctl and tom-agent against a collector that is up). usage: shapes.py TOMCTL STATE

Members that outside checks rely on must be there, with their types; more may be.
"""
import json
import subprocess
import sys

STATUSES = {"satisfied", "satisfied_with_exceptions", "not_satisfied", "not_assessed"}
text, number = str, (int, float)
maybe = lambda kind: (kind, type(None)) if isinstance(kind, type) else kind


def need(where, value, members):
    for name, kind in members.items():
        assert name in value, f"{where}: no {name} in {sorted(value)}"
        assert isinstance(value[name], kind), f"{where}: {name} is {value[name]!r}"


def texts(where, value):
    assert isinstance(value, list) and all(isinstance(each, str) for each in value), f"{where}: {value!r}"


def main(tomctl, state):
    def ask(codes, *words):
        done = subprocess.run([tomctl, "--config", f"{state}/operator/tomctl.yaml", *words, "--format", "json"],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode in codes, f"{words}: exit {done.returncode}: {done.stderr}"
        return json.loads(done.stdout), done.returncode

    checks, _ = ask({0}, "check", "list", "--checks", "checks")
    assert checks
    for check in checks:
        need("check list", check, dict.fromkeys(("id", "measure", "severity", "runs_on", "interval"), text))

    profile, _ = ask({0}, "profile", "show", "velory-dpa")
    need("profile show", profile, {"profile": text, "document": text, "clauses": list})
    for clause in profile["clauses"]:
        need("profile show", clause, {**dict.fromkeys(("clause", "promise", "reading", "basis", "proof"), text),
                                      "measures": list, "checks": list, "parameters": dict})
        texts("measures", clause["measures"])
        texts("checks", clause["checks"])

    status, code = ask({0, 2, 3}, "status", "--profile", "velory-dpa")
    need("status", status, {"at": text, "profile": text, "measures": list})
    for measure in status["measures"]:
        need("status", measure, {"measure": text, "clauses": list, "status": text, "coverage": number,
                                 "failing": int, "unknown": int, "reasons": list})
        assert measure["status"] in STATUSES, measure
        assert 0 <= measure["coverage"] <= 1, measure
        texts("clauses", measure["clauses"])
        texts("reasons", measure["reasons"])
    found = {measure["status"] for measure in status["measures"]}
    assert code == (2 if "not_satisfied" in found else 3 if "not_assessed" in found else 0), (code, found)

    findings, code = ask({0, 2}, "finding", "list", "--profile", "velory-dpa")
    for finding in findings:
        need("finding list", finding, {
            **dict.fromkeys(("id", "measure", "check", "host", "subject", "severity", "opened_at"), text),
            **dict.fromkeys(("closed_at", "owner", "acknowledged_at", "ticket", "due_at"), maybe(text))})
        assert "accepted" in finding
    is_open = any(finding["closed_at"] is None and not finding["accepted"] for finding in findings)
    assert code == (2 if is_open else 0), (code, findings)

    pack, _ = ask({0}, "pack", "show", f"{state}/pack/this-machine.asice")
    need("pack show", pack, {"period": text, "profile": text, "files": int, "reports": int, "attestations": int,
                             "checkpoint": dict, "signer": text, "timestamp": text})
    assert pack["reports"] >= 2, pack["reports"]
    need("pack show", pack["checkpoint"], {"origin": text, "size": (int, text), "root": text})
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
