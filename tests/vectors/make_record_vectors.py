#!/usr/bin/env python3
"""Writes the vectors record-* and merkle-*: rows, states, statements, lists of digests and Merkle proofs.

Independent of the C++ writers: canonical JSON, HMAC and Merkle trees here follow records.md and RFC 6962 with Python's
json, hashlib and hmac alone. One folder is one lie (or one truth to keep):

    input.json    the bytes to read, or the values to compute from
    expect.json   {"reader", "ok": 0 or 1, "error": part of the message} and the values that must come out

`make_record_vectors.py --check` writes nothing and fails when a committed file differs or a folder is not from here.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = {}  # folder -> (input bytes, expectation)


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def hmac16(key, *parts):
    return hmac.new(key, b"\0".join(parts), hashlib.sha256).hexdigest()[:32]


def digest_of(name):
    return sha(b"vector " + name.encode())


def add(folder, reader, data, ok=1, error="", **values):
    assert folder not in VECTORS, folder
    expect = {"reader": reader, "ok": ok, **values}
    if not ok:
        assert error, folder
        expect["error"] = error
    VECTORS[folder] = (data if isinstance(data, bytes) else canonical(data), expect)


# --- Rows ------------------------------------------------------------------------------------------------------------

HEAD = {
    "check": "tls-minimum-version",
    "check_digest": digest_of("check"),
    "params": digest_of("params"),
    "subject_id": digest_of("subject")[:32],
    "scope": ["c-1", "c-2"],
    "verdict": "fail",
    "since": "2026-03-01T12:00:00Z",
    "body": digest_of("body"),
}
BODY = {
    "subject": "127.0.0.1:8443",
    "reason": "accepts TLSv1.0",
    "evidence": {"versions": "TLSv1.0 TLSv1.2", "weakest_rank": 10},
    "salt": digest_of("salt")[:32],
}


def but(value, **changes):
    """A copy with members replaced; None takes one out."""
    copy = {**value, **changes}
    return {key: member for key, member in copy.items() if member is not None}


def add_part(name, lies):
    for lie, (data, error) in lies.items():
        add(f"record-{name}-{lie}", name, data, 0, error)


def add_heads():
    for name, head in {
        "good": HEAD,
        "shared": but(HEAD, scope=["shared"], verdict="not_applicable"),
        "excluded-and-expiring": but(
            HEAD, excluded=digest_of("exclusion"), valid_until="2027-12-31T23:59:59Z", verdict="pass"
        ),
        "site-check-beyond-ascii": but(HEAD, check="site/åäö-\U0001f332", verdict="unknown"),
    }.items():
        add(f"record-head-{name}", "head", head, digest=sha(canonical(head)))
    good = canonical(HEAD)
    add_part("head", {
        "unknown-member": (but(HEAD, pid=1), "head.pid: unknown field"),
        "verdict-in-capitals": (but(HEAD, verdict="PASS"), "head.verdict"),
        "verdict-error": (but(HEAD, verdict="error"), "head.verdict"),
        "without-verdict": (but(HEAD, verdict=None), "head.verdict: missing"),
        "without-scope": (but(HEAD, scope=None), "head.scope: missing"),
        "scope-unsorted": (but(HEAD, scope=["c-2", "c-1"]), "head.scope: not in ascending order"),
        "scope-twice": (but(HEAD, scope=["c-1", "c-1"]), "head.scope: not in ascending order"),
        "scope-empty-array": (but(HEAD, scope=[]), "head: byte"),
        "shared-beside-another": (but(HEAD, scope=["c-1", "shared"]), "head.scope: shared stands alone"),
        "digest-in-capitals": (but(HEAD, body=HEAD["body"].upper()), "head.body"),
        "subject-id-of-32-bytes": (but(HEAD, subject_id=digest_of("x")), "head.subject_id"),
        "since-second-60": (but(HEAD, since="2026-06-30T23:59:60Z"), "head.since"),
        "since-with-offset": (but(HEAD, since="2026-06-30T23:59:59+00:00"), "head.since"),
        "since-february-30": (but(HEAD, since="2026-02-30T00:00:00Z"), "head.since: a date that does not exist"),
        "valid-until-null": (good[:-1] + b',"z":null}', "head: byte"),
        "keys-unsorted": (b'{"verdict":"fail","body":"' + HEAD["body"].encode() + b'"}', "keys out of order"),
        "key-twice": (good[:-1] + b',"verdict":"pass"}', "a duplicate key"),
        "blank": (b"{ " + good[1:], "head: byte 1"),
        "trailing-newline": (good + b"\n", "trailing bytes"),
        "escape-not-needed": (good.replace(b"tls-", b"\\u0074ls-"), "an escape that is not canonical"),
    })


def add_bodies():
    raw = "/srv/".encode() + b"\xff\x00"
    bodies = {
        "good": BODY,
        "without-evidence": but(BODY, evidence={}),
        "bytes": but(BODY, subject={"bytes": base64.b64encode(raw).decode()},
                     evidence={"path": {"bytes": "/w=="}}),
        "every-escape": but(BODY, reason='"\\/\b\f\n\r\t\x01\x1f\x7f <å>\U0001f332'),
        "largest-integer": but(BODY, evidence={"a": 2**53 - 1, "b": -(2**53 - 1), "c": str(2**63)}),
    }
    for name, body in bodies.items():
        add(f"record-body-{name}", "body", body, digest=sha(canonical(body)))
    good = canonical(BODY)

    def evidence(value):
        return good.replace(b'"weakest_rank":10', b'"weakest_rank":' + value)

    add_part("body", {
        "aside-inside": (but(BODY, aside={"pid": 1}), "body.aside: unknown field"),
        "without-salt": (but(BODY, salt=None), "body.salt: missing"),
        "evidence-missing": (but(BODY, evidence=None), "body.evidence: missing"),
        "evidence-array": (but(BODY, evidence={"ports": ["1", "2"]}), "body.evidence.ports"),
        "evidence-object": (but(BODY, evidence={"port": {"number": 1}}), "body.evidence.port.bytes: missing"),
        "text-as-bytes": (but(BODY, subject={"bytes": base64.b64encode(b"host").decode()}),
                          "body.subject: bytes that are text"),
        "bytes-with-stray-bits": (but(BODY, subject={"bytes": "/x=="}), "body.subject.bytes"),
        "float": (evidence(b"10.0"), "body: byte"),
        "exponent": (evidence(b"1e1"), "body: byte"),
        "minus-zero": (evidence(b"-0"), "body: byte"),
        "leading-zero": (evidence(b"010"), "body: byte"),
        "true": (evidence(b"true"), "body: byte"),
        "null": (evidence(b"null"), "body: byte"),
        "integer-of-2-to-53": (evidence(b"9007199254740992"), "body: byte"),
        "nul-escaped": (good.replace(b"accepts", b"accept\\u0000"), "a NUL in a string"),
        "escape-in-capitals": (good.replace(b"accepts", b"accept\\u001F"), "an escape that is not canonical"),
        "slash-escaped": (good.replace(b"accepts", b"accept\\/"), "an escape that is not canonical"),
        "surrogates-escaped": (good.replace(b"accepts", b"\\ud83c\\udf32"), "an escape that is not canonical"),
        "surrogate-in-utf-8": (good.replace(b"accepts", b"\xed\xa0\x80"), "a string that is not UTF-8"),
        "overlong-utf-8": (good.replace(b"accepts", b"\xc0\xaf"), "a string that is not UTF-8"),
        "tab-unescaped": (good.replace(b"accepts", b"accept\t"), "a control character"),
        "reason-over-4-kib": (but(BODY, reason="r" * 4097), "body.reason: a string over 4 KiB"),
    })


def add_row(name, subject, evidence, key, check="tls-minimum-version", values=None):
    """From what a check gave to the head's digest, as records.md "Rows" says."""
    params = sha(canonical(values or {}))
    try:
        text = subject.decode() if b"\0" not in subject else None
    except UnicodeDecodeError:
        text = None
    shown = text if text is not None else {"bytes": base64.b64encode(subject).decode()}
    content = {"subject": shown, "reason": "a reason", "evidence": evidence}
    parts = (check.encode(), params.encode(), subject)
    salt = hmac16(key, b"body", *parts, sha(canonical(content)).encode())
    body = {**content, "salt": salt}
    subject_id = hmac16(key, *parts)
    head = but(HEAD, check=check, params=params, subject_id=subject_id, body=sha(canonical(body)))
    data = {"key": key.hex(), "check": check, "values": values or {}, "subject": shown,
            "reason": "a reason", "evidence": evidence, "head": HEAD}
    add(f"record-row-{name}", "row", data, subject_id=subject_id, salt=salt,
        body=sha(canonical(body)), digest=sha(canonical(head)))


def add_rows():
    key = bytes(range(32))
    add_row("text", b"127.0.0.1:8443", {"rank": 10, "versions": "TLSv1.0"}, key, values={"minimum": "TLSv1.2"})
    add_row("no-evidence-no-parameters", b"host", {}, key)
    add_row("subject-not-utf-8", b"/srv/\xff", {"path": {"bytes": "/w=="}}, key)
    add_row("subject-with-nul", b"a\0b", {}, key)
    add_row("subject-beyond-ascii", "/srv/å\n".encode(), {"x": "å\n"}, key)
    add_row("long-key", b"host", {}, bytes(range(100)))
    for name, kind, value in (("text", "user", b"alice"), ("empty", "user", b""), ("bytes", "mail", b"\xff\0")):
        shown = {"bytes": base64.b64encode(value).decode()} if name == "bytes" else value.decode()
        add(f"record-pseudonym-{name}", "pseudonym", {"key": key.hex(), "kind": kind, "value": shown},
            pseudonym="p:" + hmac16(key, kind.encode(), value))


def state_of(heads):
    return sha(b"".join(sorted(hashlib.sha256(canonical(head)).digest() for head in heads)))


def add_states():
    heads = [but(HEAD, subject_id=digest_of(str(i))[:32]) for i in range(3)]
    add("record-state-of-no-head", "state", {}, state=state_of([]))
    add("record-state-of-one-head", "state", {"heads": heads[:1]}, state=state_of(heads[:1]))
    add("record-state-of-three-heads", "state", {"heads": heads}, state=state_of(heads))
    add("record-state-in-another-order", "state", {"heads": heads[::-1]}, state=state_of(heads))


# --- Reports ---------------------------------------------------------------------------------------------------------

def digests(count, seed):
    return sorted(digest_of(f"{seed}{i}") for i in range(count))


PREDICATE = {
    "ledger": "ledger.example.org/tom",
    "host": digest_of("host")[:32],
    "chain": digest_of("chain")[:16],
    "seq": 7,
    "prev": digest_of("prev"),
    "observed_at": "2026-03-01T12:00:00Z",
    "duration_ms": 1234,
    "context": digest_of("context"),
    "changed": digests(3, "changed"),
    "removed": digests(2, "removed"),
}
FIRST = but(PREDICATE, seq=0, prev=None, removed=None, continues=digests(2, "tip"))
LOST = {"cycles": 3, "from": "2026-03-01T00:00:00Z", "to": "2026-03-01T11:00:00Z"}
ANCHOR = {"size": 42, "root": digest_of("root"), "token": digest_of("token")}


def groups(*names):
    return [{"name": name, "digest": {"sha256": digest_of(name)}} for name in names]


def statement(predicate=None, subject=None, **changes):
    return but({
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://tom-audit.example.org/predicate/report/v1",
        "predicate": PREDICATE if predicate is None else predicate,
        "subject": groups("group/15m", "group/1h", "group/5m") if subject is None else subject,
    }, **changes)


def pae(payload):
    kind = b"application/vnd.in-toto+json"
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def add_good_reports():
    silent = but(PREDICATE, changed=None, removed=None)
    for name, (value, heartbeat) in {
        "good": (statement(), 0),
        "heartbeat": (statement(silent, groups("group/5m")), 1),
        "first": (statement(FIRST), 0),
        "first-of-nothing": (statement(but(FIRST, changed=None, continues=None)), 1),
        "every-member": (statement(but(PREDICATE, lost=LOST, anchor=ANCHOR, clock_offset_ms=-250)), 0),
        "changed-blob": (statement(but(PREDICATE, changed=None, changed_blob=digest_of("blob"))), 0),
        "every-group": (statement(subject=groups(
            "group/15m", "group/1h", "group/24h", "group/5m", "group/6h", "group/7d")), 0),
    }.items():
        add(f"record-report-{name}", "report", value, digest=sha(pae(canonical(value))), heartbeat=heartbeat)


def add_lying_reports():
    good = canonical(statement())

    def member(error, **changes):
        return (statement(but(PREDICATE, **changes)), error)

    unsorted = PREDICATE["changed"][::-1]
    twice = [PREDICATE["changed"][0]] * 2
    lies = {
        "unknown-member": member("predicate.pid: unknown field", pid=1),
        "unknown-member-outside": (statement(note="x"), "note"),
        "prev-at-seq-0": member("predicate.prev: stands at seq 0", seq=0, removed=None),
        "without-prev": member("predicate.prev: missing", prev=None),
        "continues-at-seq-1": member("predicate.continues: stands only at seq 0", seq=1, continues=digests(1, "tip")),
        "removed-at-seq-0": (statement(but(FIRST, removed=digests(1, "x"))), "predicate.removed: nothing stands"),
        "changed-unsorted": member("predicate.changed: not in ascending order", changed=unsorted),
        "changed-twice": member("predicate.changed: not in ascending order", changed=twice),
        "changed-empty": member("byte", changed=[]),
        "changed-and-changed-blob": member("predicate.changed_blob: stands beside changed", changed_blob=digest_of("b")),
        "changed-and-removed": member("predicate.removed: a head that stands in changed too",
                                      removed=PREDICATE["changed"][:1]),
        "removed-unsorted": member("predicate.removed: not in ascending order", removed=PREDICATE["removed"][::-1]),
        "seq-negative": member("predicate.seq: out of range", seq=-1),
        "seq-as-text": member("predicate.seq: expected an integer", seq="7"),
        "seq-float": (good.replace(b'"seq":7', b'"seq":7.0'), "byte"),
        "seq-exponent": (good.replace(b'"seq":7', b'"seq":7e0'), "byte"),
        "seq-of-2-to-53": (good.replace(b'"seq":7', b'"seq":9007199254740992'), "byte"),
        "host-in-capitals": member("predicate.host", host=PREDICATE["host"].upper()),
        "host-too-short": member("predicate.host", host=PREDICATE["host"][:31]),
        "chain-of-32-digits": member("predicate.chain", chain=PREDICATE["host"]),
        "ledger-empty": member("predicate.ledger: empty", ledger=""),
        "without-ledger": member("predicate.ledger: missing", ledger=None),
        "without-context": member("predicate.context: missing", context=None),
        "observed-at-second-60": member("predicate.observed_at", observed_at="2026-06-30T23:59:60Z"),
        "observed-at-hour-24": member("predicate.observed_at", observed_at="2026-06-30T24:00:00Z"),
        "observed-at-fraction": member("predicate.observed_at", observed_at="2026-06-30T23:59:59.0Z"),
        "observed-at-february-29": member("predicate.observed_at", observed_at="2026-02-29T00:00:00Z"),
        "observed-at-before-1970": member("predicate.observed_at", observed_at="1969-12-31T23:59:59Z"),
        "duration-negative": member("predicate.duration_ms: out of range", duration_ms=-1),
    }
    for name, (value, error) in lies.items():
        add(f"record-report-{name}", "report", value, 0, error)
    add_lying_parts(good)


def add_lying_parts(good):
    def member(error, **changes):
        return (statement(but(PREDICATE, **changes)), error)

    lies = {
        "lost-nothing": member("predicate.lost.cycles: out of range", lost=but(LOST, cycles=0)),
        "lost-backwards": member("predicate.lost.to: before from", lost=but(LOST, to="2026-02-01T00:00:00Z")),
        "lost-without-to": member("predicate.lost.to: missing", lost=but(LOST, to=None)),
        "anchor-without-token": member("predicate.anchor.token: missing", anchor=but(ANCHOR, token=None)),
        "anchor-unknown-member": member("predicate.anchor.time: unknown field", anchor=but(ANCHOR, time=1)),
        "anchor-of-nothing-with-a-root": member("predicate.anchor.root", anchor=but(ANCHOR, size=0)),
        "without-subject": ({key: part for key, part in statement().items() if key != "subject"}, "subject"),
        "no-group": (statement(subject=[]), "byte"),
        "group-2h": (statement(subject=groups("group/2h")), "subject[0].name: an interval is"),
        "group-without-prefix": (statement(subject=groups("1h")), "subject[0].name: expected group/<interval>"),
        "groups-unsorted": (statement(subject=groups("group/5m", "group/1h")), "subject[1].name: not in ascending"),
        "group-twice": (statement(subject=groups("group/1h", "group/1h")), "subject[1].name: not in ascending"),
        "group-with-two-digests": (statement(subject=[
            {"name": "group/1h", "digest": {"sha256": digest_of("a"), "sha512": "00"}}]), "subject[0].digest"),
        "of-another-kind": (statement(predicateType="https://tom-audit.example.org/predicate/approval/v1"),
                            "predicateType: not a report"),
        "of-an-unknown-kind": (statement(predicateType="https://tom-audit.example.org/predicate/report/v2"),
                               "predicateType"),
        "of-another-statement-type": (statement(_type="https://in-toto.io/Statement/v0.1"), "_type"),
        "byte-order-mark": (b"\xef\xbb\xbf" + good, "byte"),
        "trailing-newline": (good + b"\n", "trailing bytes"),
        "twice": (good + good, "trailing bytes"),
        "truncated": (good[:-1], "byte"),
        "empty": (b"", "byte"),
    }
    for name, (value, error) in lies.items():
        add(f"record-report-{name}", "report", value, 0, error)


def add_digest_lists():
    heads = digests(3, "list")
    for count in (1, 3):
        add(f"record-digest-list-of-{count}", "digest_list", heads[:count], digest=sha(canonical(heads[:count])))
    lies = {
        "unsorted": (heads[::-1], "not in ascending order"),
        "twice": ([heads[0], heads[0]], "not in ascending order"),
        "empty": (b"[]", "expected a canonical array"),
        "in-capitals": ([heads[0].upper()], "item 0"),
        "with-blanks": (json.dumps(heads).encode(), "digest list"),
        "trailing-newline": (canonical(heads) + b"\n", "expected a canonical array"),
        "of-numbers": ([1, 2], "digest list"),
    }
    for name, (value, error) in lies.items():
        add(f"record-digest-list-{name}", "digest_list", value, 0, error)


# --- Statements other than reports -----------------------------------------------------------------------------------

COMMON = {"ledger": PREDICATE["ledger"], "salt": digest_of("salt")[:32]}
SIGNED = {**COMMON, "signer": digest_of("signer")}
SYSTEM = {"id": "db-1", "kind": "host", "controllers": ["c-1"], "in_service_from": "2026-01-01T00:00:00Z",
          "body": digest_of("db-1")}
PREDICATES = {
    "handover": {**COMMON, "host": PREDICATE["host"], "old_spki": "MFk=", "new_spki": "MFo=",
                 "last_digest": digest_of("last")},
    "enrolment-authorisation": {**SIGNED, "token": digest_of("token"), "systems": "web-*", "controllers": ["shared"],
                                "labels": {"site": "north", "zone": "å"}, "kind": "host", "uses": 3,
                                "expires": "2026-12-31T00:00:00Z"},
    "enrolment": {**COMMON, "authorisation": digest_of("authorisation"), "host": PREDICATE["host"],
                  "system": "web-1", "spki": "MFk="},
    "approval": {**SIGNED, "approves": digest_of("approved")},
    "inventory": {**SIGNED, "source": "cmdb export", "drawn_at": "2026-03-01T00:00:00Z", "drawn_by": "R. Example",
                  "systems": [SYSTEM, {**SYSTEM, "id": "web-1", "in_service_to": "2026-02-01T00:00:00Z"}]},
    "label": {**SIGNED, "host": PREDICATE["host"], "controllers": ["c-1", "c-2"]},
    "profile": {**SIGNED, "profile": "velory-dpa", "digest": digest_of("profile")},
    "catalogue-version": {**SIGNED, "version": 2, "catalogue": digest_of("catalogue")},
    "catalogue": {**SIGNED, "version": 2, "expires": "2026-12-31T00:00:00Z", "digest": digest_of("catalogue")},
    "tick": {**COMMON, "size": 17},
}


def kind_statement(kind, predicate, **changes):
    return but({
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": f"https://tom-audit.example.org/predicate/{kind}/v1",
        "predicate": predicate,
        "subject": [{"name": kind, "digest": {"sha256": sha(canonical(predicate))}}],
    }, **changes)


def add_statements():
    for kind, predicate in PREDICATES.items():
        value = kind_statement(kind, predicate)
        add(f"record-statement-{kind}", "statement", value, digest=sha(pae(canonical(value))))

    def member(name, error, **changes):
        return (kind_statement(name, but(PREDICATES[name], **changes)), error)

    other = [{"name": "tick", "digest": {"sha256": digest_of("another")}}]
    lies = {
        "subject-of-another-predicate": (kind_statement("tick", PREDICATES["tick"], subject=other), "subject"),
        "of-another-kind": (kind_statement("label", PREDICATES["tick"]), "predicate."),
        "tick-with-signer": member("tick", "predicate.signer: unknown field", signer=digest_of("s")),
        "enrolment-with-signer": member("enrolment", "predicate.signer: unknown field", signer=digest_of("s")),
        "approval-without-signer": member("approval", "predicate.signer: missing", signer=None),
        "approval-without-salt": member("approval", "predicate.salt: missing", salt=None),
        "approval-unknown-member": member("approval", "predicate.note: unknown field", note="x"),
        "authorisation-of-no-use": member("enrolment-authorisation", "predicate.uses: out of range", uses=0),
        "authorisation-of-nobody": member("enrolment-authorisation", "predicate.controllers: missing",
                                          controllers=None),
        "authorisation-of-a-robot": member("enrolment-authorisation", "predicate.kind", kind="robot"),
        "authorisation-labels-empty": member("enrolment-authorisation", "predicate.labels: empty", labels={}),
        "label-shared-beside-another": member("label", "shared stands alone", controllers=["c-1", "shared"]),
        "label-controllers-unsorted": member("label", "predicate.controllers: not in", controllers=["b", "a"]),
        "handover-to-the-same-key": member("handover", "predicate.new_spki: the old key", new_spki="MFk="),
        "handover-spki-unpadded": member("handover", "predicate.new_spki", new_spki="MFo"),
        "inventory-unsorted": member("inventory", "systems[1].id: not in ascending order",
                                     systems=PREDICATES["inventory"]["systems"][::-1]),
        "inventory-system-twice": member("inventory", "systems[1].id: not in ascending order",
                                         systems=[SYSTEM, SYSTEM]),
        "inventory-names-in-the-open": member("inventory", "systems[0].name: unknown field",
                                              systems=[{**SYSTEM, "name": "db"}]),
        "inventory-ends-before-it-starts": member("inventory", "systems[0].in_service_to: before", systems=[
            {**SYSTEM, "in_service_to": "2025-01-01T00:00:00Z"}]),
        "catalogue-version-0": member("catalogue", "predicate.version: out of range", version=0),
    }
    for name, (value, error) in lies.items():
        add(f"record-statement-{name}", "statement", value, 0, error)


# --- Merkle trees (RFC 6962 section 2.1) -----------------------------------------------------------------------------

LEAVES = [b"leaf %d" % i for i in range(13)]


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def tree(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return node(tree(leaves[:k]), tree(leaves[k:]))


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return path(m, leaves[:k]) + [tree(leaves[k:])]
    return path(m - k, leaves[k:]) + [tree(leaves[:k])]


def subproof(m, leaves, known):
    if m == len(leaves):
        return [] if known else [tree(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], known) + [tree(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [tree(leaves[:k])]


def hexes(hashes):
    return [value.hex() for value in hashes] or None


def inclusion(index, size):
    return {"index": index, "size": size, "leaf": LEAVES[index].decode(), "root": tree(LEAVES[:size]).hex(),
            "proof": hexes(path(index, LEAVES[:size]))}


def consistency(old, size):
    proof = subproof(old, LEAVES[:size], True) if old else []
    return {"old_size": old, "size": size, "old_root": tree(LEAVES[:old]).hex(), "root": tree(LEAVES[:size]).hex(),
            "proof": hexes(proof)}


def flipped(digest):
    return f"{int(digest[:2], 16) ^ 1:02x}" + digest[2:]


def add_roots_and_truths():
    for size in (0, 1, 2, 3, 7, 8, 13):
        leaves = [leaf.decode() for leaf in LEAVES[:size]] or None
        add(f"merkle-root-of-{size}", "merkle_root", but({}, leaves=leaves), root=tree(LEAVES[:size]).hex())
    for index, size in ((0, 1), (0, 7), (3, 7), (6, 7), (7, 8), (12, 13)):
        add(f"merkle-inclusion-{index}-of-{size}", "merkle_inclusion", but(inclusion(index, size)))
    for old, size in ((0, 5), (1, 2), (3, 7), (4, 7), (6, 8), (7, 7), (8, 13)):
        add(f"merkle-consistency-{old}-to-{size}", "merkle_consistency", but(consistency(old, size)))


def add_lying_proofs():
    good = inclusion(3, 7)
    proof = good["proof"]
    pair = hashlib.sha256(b"\0" + LEAVES[0]).digest() + hashlib.sha256(b"\0" + LEAVES[1]).digest()
    lies = {
        "hash-flipped": (but(good, proof=[flipped(proof[0])] + proof[1:]), "gives another root"),
        "hashes-swapped": (but(good, proof=[proof[1], proof[0], proof[2]]), "gives another root"),
        "of-another-index": (but(good, index=2), "gives another root"),
        "of-another-leaf": (but(good, leaf="leaf 4"), "gives another root"),
        "of-another-root": (but(good, root=flipped(good["root"])), "gives another root"),
        "hash-too-many": (but(good, proof=proof + proof[-1:]), "too many hashes"),
        "hash-too-few": (but(good, proof=proof[:-1]), "too few hashes"),
        "without-proof": (but(good, proof=None), "too few hashes"),
        "index-is-the-size": (but(good, index=7), "no such leaf"),
        "in-an-empty-tree": (but(good, index=0, size=0, proof=None, root=sha(b"")), "no such leaf"),
        "size-of-another-shape": (but(inclusion(6, 7), size=8), "too few hashes"),
        # An inner node's two children offered as a leaf: what the prefixes 0x00 and 0x01 are for.
        "node-as-leaf": ({"index": 0, "size": 2, "leaf": {"bytes": base64.b64encode(pair).decode()},
                          "root": tree(LEAVES[:4]).hex(), "proof": [tree(LEAVES[2:4]).hex()]}, "gives another root"),
    }
    for name, (value, error) in lies.items():
        add(f"merkle-inclusion-{name}", "merkle_inclusion", value, 0, error)
    add_lying_growth()


def add_lying_growth():
    good = consistency(3, 7)
    proof = good["proof"]
    forked = tree([b"another"] + LEAVES[1:3]).hex()
    lies = {
        "roots-swapped": (but(good, old_root=good["root"], root=good["old_root"]), "gives another old root"),
        "hash-flipped": (but(good, proof=[proof[0], flipped(proof[1])] + proof[2:]), "gives another"),
        "last-hash-flipped": (but(good, proof=proof[:-1] + [flipped(proof[-1])]), "gives another root"),
        "history-rewritten": (but(good, old_root=forked), "gives another old root"),
        "hash-too-many": (but(good, proof=proof + proof[-1:]), "too many hashes"),
        "hash-too-few": (but(good, proof=proof[:-1]), "too few hashes"),
        "without-proof": (but(good, proof=None), "empty"),
        "shrinks": (but(good, old_size=7, size=3), "the wrong way round"),
        "two-roots-of-one-size": (but(consistency(7, 7), old_root=forked), "two roots of one size"),
        "proof-where-none-is-needed": (but(consistency(7, 7), proof=proof[:1]), "must be empty"),
        "from-nothing-with-a-root": (but(consistency(0, 5), old_root=forked), "not that of an empty tree"),
        "from-nothing-with-a-proof": (but(consistency(0, 5), proof=proof[:1]), "must be empty"),
        "old-subtree-repeated": (but(consistency(4, 7), proof=[consistency(4, 7)["old_root"]] +
                                     consistency(4, 7)["proof"]), "too many hashes"),
    }
    for name, (value, error) in lies.items():
        add(f"merkle-consistency-{name}", "merkle_consistency", value, 0, error)


def stale_files():
    """What differs from this script's answer, as paths relative to this folder."""
    stale = []
    for folder, (data, expect) in VECTORS.items():
        for name, content in (("input.json", data), ("expect.json", canonical(expect))):
            file = HERE / folder / name
            if not file.is_file() or file.read_bytes() != content:
                stale.append((file, content))
    return stale


def main():
    for step in (add_heads, add_bodies, add_rows, add_states, add_good_reports, add_lying_reports, add_digest_lists,
                 add_statements, add_roots_and_truths, add_lying_proofs):
        step()
    foreign = [p.name for p in HERE.iterdir() if p.name.startswith(("record-", "merkle-")) and p.name not in VECTORS]
    stale = stale_files()
    if "--check" in sys.argv[1:]:
        for name in foreign + [str(file.relative_to(HERE)) for file, _ in stale]:
            print(f"{name}: not what make_record_vectors.py writes", file=sys.stderr)
        return 1 if foreign or stale else 0
    for file, content in stale:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    print(f"{len(VECTORS)} vectors, {len(stale)} files written", *foreign)
    return 0


if __name__ == "__main__":
    sys.exit(main())
