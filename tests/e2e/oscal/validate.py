#!/usr/bin/python3
"""Validates the OSCAL documents of evidence packs against NIST's schema, and what the schema does not say: references
resolve, UUIDs are unique, props of ours stand under our own namespace, back-matter digests are those of the files.

usage: validate.py PACK.asice...   Exit status 0 only when every document of every pack was read and is right."""
import hashlib
import json
import pathlib
import sys
import zipfile

import jsonschema
import regex

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "data" / "oscal" / "oscal_complete_schema-1-2-2.json"
DOCUMENTS = {"catalog.json": "catalog", "profile.json": "profile", "assessment-plan.json": "assessment-plan",
             "assessment-results.json": "assessment-results"}
OWN = "https://tom-audit.example.org/ns/oscal"
# Names without a namespace that OSCAL itself defines where we write them.
OSCAL_PROPS = {"method"}


def pattern(validator, expression, instance, schema):
    # Python's re cannot compile \p{L}.
    if validator.is_type(instance, "string") and not regex.search(expression, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")


def make_validator():
    base = jsonschema.Draft7Validator
    kind = jsonschema.validators.extend(base, {"pattern": pattern})
    schema = json.loads(SCHEMA.read_text())
    return kind(schema, format_checker=base.FORMAT_CHECKER)


def walk(value, path="$"):
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from walk(child, f"{path}.{key}")


def defined_uuids(document):
    """Every `uuid` member: a definition, never a reference."""
    return [(path, value["uuid"]) for path, value in walk(document) if isinstance(value, dict) and "uuid" in value]


def check_props(name, document, problems):
    for path, value in walk(document):
        if not isinstance(value, dict):
            continue
        for prop in value.get("props", []):
            if prop.get("ns") != OWN and prop["name"] not in OSCAL_PROPS:
                problems.append(f"{name}: {path}: prop {prop['name']} outside our namespace")


def check_references(name, document, known, problems):
    for path, value in walk(document):
        if not isinstance(value, dict):
            continue
        for key, target in value.items():
            reference = key.endswith("-uuid") or (key == "href" and str(target).startswith("#"))
            if reference and str(target).lstrip("#") not in known:
                problems.append(f"{name}: {path}.{key}: {target} is defined nowhere")


def check_controls(documents, problems):
    ids = {value["id"] for _, value in walk(documents["catalog.json"]) if isinstance(value, dict) and "id" in value}
    for name, document in documents.items():
        for path, value in walk(document):
            if not isinstance(value, dict):
                continue
            wanted = [value[key] for key in ("control-id", "objective-id", "target-id") if key in value]
            for target in wanted + value.get("with-ids", []):
                if target not in ids:
                    problems.append(f"{name}: {path}: no control or objective {target}")


def check_hashes(pack, document, problems):
    for path, value in walk(document):
        if not isinstance(value, dict) or "rlinks" not in value:
            continue
        for link in value["rlinks"]:
            data = pack.read(link["href"].removeprefix("../"))
            for item in link["hashes"]:
                if item["algorithm"] != "SHA-256" or item["value"] != hashlib.sha256(data).hexdigest():
                    problems.append(f"{path}: the digest of {link['href']} is another")


def check_pack(path, validator):
    problems = []
    with zipfile.ZipFile(path) as pack:
        documents = {name: json.loads(pack.read("oscal/" + name)) for name in DOCUMENTS}
        check_hashes(pack, documents["assessment-results.json"], problems)
    uuids = [(name, *item) for name, document in documents.items() for item in defined_uuids(document)]
    seen = {}
    for name, where, uuid in uuids:
        if uuid in seen:
            problems.append(f"{name}: {where}: {uuid} is also {seen[uuid]}")
        seen[uuid] = f"{name}: {where}"
    for name, document in documents.items():
        if list(document) != [DOCUMENTS[name]]:
            problems.append(f"{name}: not a {DOCUMENTS[name]}")
        for error in validator.iter_errors(document):
            problems.append(f"{name}: {error.json_path}: {error.message[:300]}")
        check_props(name, document, problems)
        check_references(name, document, seen, problems)
    check_controls(documents, problems)
    return problems, sum(1 for _ in uuids)


def main(paths):
    validator = make_validator()
    failed = not paths
    for path in paths:
        problems, things = check_pack(path, validator)
        for problem in problems[:40]:
            print(f"{path}: {problem}", file=sys.stderr)
        print(f"{path}: {len(DOCUMENTS)} documents, {things} things, {len(problems)} problems")
        failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
