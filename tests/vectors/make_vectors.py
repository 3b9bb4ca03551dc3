#!/usr/bin/env python3
"""Writes the vectors json-*, time-*, vkey-*, checkpoint-*, dsse-*, statement-*, leaf-*: the formats below the records.

Independent of the C++ code: Python's standard library and, as a second opinion on every signature, the openssl program.
ECDSA is done here with small integers' arithmetic and nonces by HMAC, so that the same run gives the same bytes.
One folder is one lie (or one truth to keep):

    input.*       the bytes to read; input.key where a key is needed: DER SPKI in hex, or a vkey
    expect.json   {"reader", "ok": 0 or 1, "error": part of the message} and the values that must come out

`make_vectors.py --check` writes nothing and fails when a committed file differs or a folder of these names is not
from here. Records, rows and Merkle proofs come from make_record_vectors.py.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PREFIXES = ("json-", "time-", "vkey-", "checkpoint-", "dsse-", "statement-", "leaf-")
VECTORS = {}  # folder -> {file name: bytes}


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def b64(data):
    return base64.b64encode(data).decode()


def add(folder, reader, content, error="", key=None, **values):
    assert folder.startswith(PREFIXES) and folder not in VECTORS, folder
    expect = {"reader": reader, "ok": 0 if error else 1, **values}
    if error:
        expect["error"] = error
    suffix = {"utc-time": "txt", "vkey": "txt", "checkpoint": "note"}.get(reader, "json")
    files = {"input." + suffix: content, "expect.json": canonical(expect)}
    if key is not None:
        files["input.key"] = key.encode()
    VECTORS[folder] = files


# --- keys: P-256 by hand (SP 800-186 section 3.2.1.3), Ed25519 by openssl, both from fixed seeds.

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
ED25519_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def point_add(a, b):
    if a is None:
        return b
    if b is None:
        return a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def point_mul(scalar, point):
    total = None
    while scalar:
        if scalar & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        scalar >>= 1
    return total


def der_integer(value):
    raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(raw)]) + raw


def der_signature(r, s):
    body = der_integer(r) + der_integer(s)
    return b"\x30" + bytes([len(body)]) + body


class Ecdsa:
    def __init__(self, seed):
        self.d = int.from_bytes(hashlib.sha256(seed).digest(), "big") % (N - 1) + 1
        x, y = point_mul(self.d, G)
        self.spki = P256_SPKI + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        self.keyid = sha(self.spki)

    def numbers(self, message):
        digest = hashlib.sha256(message).digest()
        k = int.from_bytes(hmac.new(self.d.to_bytes(32, "big"), digest, hashlib.sha256).digest(), "big")
        k = k % (N - 1) + 1
        r = point_mul(k, G)[0] % N
        s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * self.d) % N
        return r, min(s, N - s)

    def sign(self, message):
        signature = der_signature(*self.numbers(message))
        openssl_verify(self.spki, message, signature)
        return signature


def openssl_verify(spki, message, signature):
    """The second opinion: openssl accepts what is to be accepted (and (r, n-s) too)."""
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        (at / "k").write_bytes(spki)
        (at / "m").write_bytes(message)
        (at / "s").write_bytes(signature)
        subprocess.run(
            ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", at / "k", "-signature", at / "s", at / "m"],
            check=True, stdout=subprocess.DEVNULL)


class Ed25519:
    def __init__(self, seed):
        self.pkcs8 = ED25519_PKCS8 + hashlib.sha256(seed).digest()
        out = subprocess.run(
            ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"],
            input=self.pkcs8, check=True, capture_output=True)
        self.raw = out.stdout[len(ED25519_SPKI):]

    def sign(self, message):
        with tempfile.TemporaryDirectory() as folder:
            at = pathlib.Path(folder)
            (at / "k").write_bytes(self.pkcs8)
            (at / "m").write_bytes(message)
            subprocess.run(
                ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", at / "k", "-in", at / "m",
                 "-out", at / "s"], check=True)
            return (at / "s").read_bytes()

    def note_id(self, name):
        return hashlib.sha256(name.encode() + b"\n\x01" + self.raw).digest()[:4]

    def vkey(self, name):
        return f"{name}+{self.note_id(name).hex()}+{b64(bytes([1]) + self.raw)}"


# --- canonical JSON


def json_vectors():
    def good(name, data):
        add("json-" + name, "canonical-json", data, digest=sha(data))

    def bad(name, data, error):
        add("json-" + name, "canonical-json", data, error)

    good("good", canonical({"B": [1, -2, "x"], "a": {"å": "\"\\\b\f\n\r\t\u0001\u001f\u007f/"}, "b": {}}))
    good("largest-integers", b"[9007199254740991,-9007199254740991,0]")
    good("keys-by-bytes-not-utf16", '{"\uffff":1,"\U00010000":2}'.encode())
    good("depth-32", b"[" * 32 + b"1" + b"]" * 32)
    bad("depth-33", b"[" * 33 + b"1" + b"]" * 33, "nested deeper than 32")
    bad("bracket-bomb", b"[" * 100000, "nested deeper than 32")
    bad("keys-by-utf16", '{"\U00010000":2,"\uffff":1}'.encode(), "keys out of order")
    bad("duplicate-key", b'{"a":1,"a":2}', "a duplicate key")
    bad("unsorted-keys", b'{"b":1,"a":2}', "keys out of order")
    bad("blank", b'{"a": 1}', "byte 5")
    bad("integer-2-to-53", b"9007199254740992", "2^53-1")
    bad("integer-least-of-64-bits", b"-9223372036854775808", "2^53-1")
    bad("integer-beyond-64-bits", b"18446744073709551616", "byte 0")
    bad("minus-zero", b"-0", "not canonical")
    bad("leading-zero", b"01", "not canonical")
    bad("fraction", b"1.0", "trailing bytes")
    bad("exponent", b"1e3", "trailing bytes")
    bad("true", b'{"a":true}', "byte 5")
    bad("null", b'{"a":null}', "byte 5")
    bad("empty-array", b'{"a":[]}', "byte 6")
    bad("escaped-slash", b'"\\/"', "an escape that is not canonical")
    bad("escape-not-needed", b'"\\u0041"', "an escape that is not canonical")
    bad("escape-in-capitals", b'"\\u001F"', "an escape that is not canonical")
    bad("long-escape-of-newline", b'"\\u000a"', "an escape that is not canonical")
    bad("surrogate-pair", b'"\\ud83d\\ude00"', "an escape that is not canonical")
    bad("nul-escaped", b'"a\\u0000"', "a NUL")
    bad("nul-raw", b'"a\0"', "a control character")
    bad("newline-raw", b'"a\n"', "a control character")
    bad("overlong-utf-8", b'"\xc0\xaf"', "not UTF-8")
    bad("surrogate-in-utf-8", b'"\xed\xa0\x80"', "not UTF-8")
    bad("byte-order-mark", b"\xef\xbb\xbf{}", "byte 0")
    bad("trailing-newline", b"{}\n", "trailing bytes")
    bad("two-values", b"{}{}", "trailing bytes")
    bad("truncated", b'{"a":"b', "without end")
    bad("empty", b"", "byte 0")
    bad("trailing-comma", b"[1,]", "byte 3")


def time_vectors():
    for name, text, seconds in (("epoch", "1970-01-01T00:00:00Z", 0), ("leap-day", "2024-02-29T23:59:59Z", 1709251199),
                                ("last", "9999-12-31T23:59:59Z", 253402300799)):
        add("time-" + name, "utc-time", text.encode(), seconds=seconds)
    for name, text in (("february-29-of-2100", "2100-02-29T00:00:00Z"), ("leap-second", "2016-12-31T23:59:60Z"),
                       ("offset", "2026-01-01T00:00:00+00:00"), ("fraction", "2026-01-01T00:00:00.0Z"),
                       ("lower-case", "2026-01-01t00:00:00z"), ("before-1970", "1969-12-31T23:59:59Z")):
        add("time-" + name, "utc-time", text.encode(), "a ")


# --- signed notes


def checkpoint_vectors():
    name = "log.example.org/vectors"
    key, other = Ed25519(b"vector log"), Ed25519(b"another log")
    root = hashlib.sha256(b"root").digest()

    def line(who, signer, text, signed_name=None, note_id=None):
        blob = (note_id or signer.note_id(signed_name or who)) + signer.sign(text)
        return ("\u2014 " + who + " " + b64(blob) + "\n").encode()

    def text_of(size="42", root_text=b64(root), origin=name, more=""):
        return f"{origin}\n{size}\n{root_text}\n{more}".encode()

    def note(folder, text, lines, error="", vkey=key.vkey(name)):
        values = {} if error else {"origin": name, "root": root.hex(), "size": 42, "text": sha(text)}
        add("checkpoint-" + folder, "checkpoint", text + b"\n" + lines, error, vkey, **values)

    text = text_of()
    good = line(name, key, text)
    witness = line("witness.example.org", other, text)
    note("good", text, good)
    note("beside-a-witness", text, witness + good)
    note("wrong-key-id", text, line(name, key, text, note_id=b"\0\0\0\0"), "no signature of the ledger's key")
    note("key-of-another-log", text, line(name, other, text), "no signature of the ledger's key")
    note("key-id-of-ours-by-another-key", text, line(name, other, text, note_id=key.note_id(name)), "does not verify")
    note("only-a-witness", text, witness, "no signature of the ledger's key")
    note("signed-twice", text, good + good, "two signatures")
    note("seventeen-signatures", text, witness * 16 + good, "over 16")
    note("extension-line", text_of(more="extension\n"), line(name, key, text_of(more="extension\n")), "extension lines")
    note("size-with-leading-zero", text_of("042"), line(name, key, text_of("042")), "leading zeroes")
    note("size-2-to-53", text_of("9007199254740992"), line(name, key, text_of("9007199254740992")), "leading zeroes")
    note("root-of-31-bytes", text_of(root_text=b64(root[1:])), line(name, key, text_of(root_text=b64(root[1:]))), "32")
    note("root-without-padding", text_of(root_text=b64(root)[:-1]), line(name, key, text_of(root_text=b64(root)[:-1])),
         "32 bytes")
    note("empty-tree-with-a-root", text_of("0"), line(name, key, text_of("0")), "an empty tree")
    note("origin-of-another-log", text_of(origin="log.example.org/x"), line(name, key, text_of(origin="log.example.org/x")),
         "another ledger's origin")
    note("other-size-than-signed", text_of("43"), good, "does not verify")
    note("signature-without-newline", text, good[:-1], "no newline")
    note("hyphen-for-dash", text, b"-" + good[3:], "without its dash")
    note("trailing-line", text, good + b"x\n", "without its dash")
    note("carriage-return", text.replace(b"\n", b"\r\n"), good, "a control character")

    add("vkey-good", "vkey", key.vkey(name).encode(), name=name, raw=key.raw.hex())
    add("vkey-id-of-another-name", "vkey", key.vkey("other").replace("other", name).encode(),
        "the key id does not belong")
    add("vkey-type-2", "vkey", f"{name}+00000000+{b64(bytes([2]) + key.raw)}".encode(), "type 1")
    add("vkey-trailing-newline", "vkey", key.vkey(name).encode() + b"\n", "base64")


# --- statements in envelopes


def statement(kind, predicate, subject_name=None, digest=None):
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": predicate,
        "predicateType": f"https://tom-audit.example.org/predicate/{kind}/v1",
        "subject": [{"digest": {"sha256": digest or sha(canonical(predicate))}, "name": subject_name or kind}],
    }


def pae(payload, payload_type="application/vnd.in-toto+json"):
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)


PREDICATE = {"approves": sha(b"approved"), "ledger": "log.example.org/vectors", "salt": "0123456789abcdef" * 2,
             "signer": sha(b"certificate")}


def statement_vectors():
    def bad(name, value, error):
        add("statement-" + name, "statement", canonical(value), error)

    good = canonical(statement("approval", PREDICATE))
    add("statement-good", "statement", good, kind="approval", digest=sha(pae(good)))
    bad("unknown-kind", statement("aproval", PREDICATE), "predicateType: unknown")
    bad("kind-of-the-future", {**statement("approval", PREDICATE),
                               "predicateType": "https://tom-audit.example.org/predicate/approval/v2"}, "predicateType")
    bad("another-type", {**statement("approval", PREDICATE), "_type": "https://in-toto.io/Statement/v0.1"}, "_type")
    bad("subject-of-another-predicate", statement("approval", PREDICATE, digest=sha(b"other")), "not the predicate's")
    bad("subject-of-another-kind", statement("approval", PREDICATE, "waiver"), "not the statement's kind")
    bad("unknown-member", {**statement("approval", PREDICATE), "x": 1}, "x: unknown field")
    two = statement("approval", PREDICATE)
    two["subject"].append({"digest": {"sha256": sha(b"")}, "name": "zz"})
    bad("two-subjects", two, "expected exactly one")
    sha512 = statement("approval", PREDICATE)
    sha512["subject"][0]["digest"]["sha512"] = "00"
    bad("two-digests", sha512, "sha512: unknown field")
    capitals = statement("approval", PREDICATE, digest=sha(canonical(PREDICATE)).upper())
    bad("digest-in-capitals", capitals, "lower-case hex")
    add("statement-indented", "statement", json.dumps(statement("approval", PREDICATE), indent=1).encode(), "byte 1")


def dsse_vectors():
    key, other = Ecdsa(b"vector host"), Ecdsa(b"another host")
    payload = canonical(statement("approval", PREDICATE))
    r, s = key.numbers(pae(payload))
    openssl_verify(key.spki, pae(payload), der_signature(r, N - s))  # so the lie is not caught by openssl

    def envelope(signature, keyid=key.keyid, payload_type="application/vnd.in-toto+json", signed=payload):
        return {"payload": b64(signed), "payloadType": payload_type,
                "signatures": [{"keyid": keyid, "sig": b64(signature)}]}

    def vector(name, value, error=""):
        data = value if isinstance(value, bytes) else canonical(value)
        values = {} if error else {"digest": sha(pae(payload))}
        add("dsse-" + name, "envelope", data, error, key.spki.hex(), **values)

    good = key.sign(pae(payload))
    vector("good", envelope(good))
    vector("keyid-of-another-key", envelope(good, other.keyid))  # a hint that selects nothing
    vector("high-s", envelope(der_signature(r, N - s)), "s is not low")
    vector("signed-by-another-key", envelope(other.sign(pae(payload))), "does not verify")
    vector("signature-over-bare-payload", envelope(key.sign(payload)), "does not verify")
    vector("signature-over-another-type", envelope(key.sign(pae(payload, "application/json"))), "does not verify")
    vector("another-payload-type", envelope(good, payload_type="application/json"), "payloadType: expected")
    vector("payload-with-a-newline", envelope(good, signed=payload + b"\n"), "does not verify")
    vector("long-form-length", envelope(good[:1] + b"\x81" + good[1:]), "not the DER")
    vector("trailing-byte-in-signature", envelope(good + b"\0"), "not the DER")
    vector("r-padded", envelope(b"\x30" + bytes([good[1] + 1]) + b"\x02" + bytes([good[3] + 1]) + b"\0" + good[4:]),
           "not the DER")
    vector("raw-r-and-s", envelope(r.to_bytes(32, "big") + s.to_bytes(32, "big")), "not the DER")
    vector("r-and-s-zero", envelope(der_signature(0, 0)), "does not verify")
    vector("no-signature", {**envelope(good), "signatures": [{"keyid": key.keyid, "sig": ""}]}, "sig: empty")
    vector("two-signatures", {**envelope(good), "signatures": envelope(good)["signatures"] * 2}, "expected exactly one")
    vector("unknown-member", {**envelope(good), "cert": "x"}, "cert: unknown field")
    vector("without-keyid", {**envelope(good), "signatures": [{"sig": b64(good)}]}, "keyid: missing")
    vector("payload-in-url-alphabet", {**envelope(good), "payload": "_-=="}, "payload: base64")
    vector("payload-with-stray-bits", {**envelope(good), "payload": "Zh=="}, "payload: base64")
    vector("indented", json.dumps(envelope(good), indent=1).encode(), "byte 1")


# --- leaves


def leaf_vectors():
    def leaf(kind, **members):
        return {"kind": kind, "digest": sha(b"statement"), "received_at": "2026-01-02T03:04:05Z",
                "salt": "00112233445566778899aabbccddeeff", **members}

    def good(name, value):
        digest = sha(canonical(value))
        add("leaf-" + name, "leaf", canonical(value), digest=digest, data='{"d":"%s","v":1}' % digest,
            hash=sha(b"\0" + ('{"d":"%s","v":1}' % digest).encode()))

    def bad(name, value, error):
        add("leaf-" + name, "leaf", canonical(value), error)

    host, chain = "0f" * 16, "a1" * 8
    report = leaf("report", host=host, chain=chain, seq=0)
    good("report", report)
    good("handover", leaf("handover", host=host))
    good("scope-first", leaf("scope"))
    good("scope-later", leaf("scope", scope_prev=sha(b"before")))
    good("catalogue", leaf("catalogue"))
    bad("unknown-kind", leaf("reports", host=host, chain=chain, seq=0), "leaf.kind: unknown")
    bad("report-without-host", leaf("report", chain=chain, seq=0), "leaf.host: missing")
    bad("report-without-seq", leaf("report", host=host, chain=chain), "leaf.seq: missing")
    bad("report-seq-negative", {**report, "seq": -1}, "leaf.seq: out of range")
    bad("report-with-scope-prev", {**report, "scope_prev": sha(b"before")}, "leaf.scope_prev: does not stand")
    bad("scope-with-host", leaf("scope", host=host), "leaf.host: does not stand")
    bad("handover-with-seq", leaf("handover", host=host, seq=1), "leaf.seq: does not stand")
    bad("host-in-capitals", {**report, "host": host.upper()}, "leaf.host: expected 32")
    bad("salt-of-8-bytes", {**report, "salt": "00" * 8}, "leaf.salt: expected 32")
    bad("received-at-with-offset", {**report, "received_at": "2026-01-02T03:04:05+00:00"}, "leaf.received_at: a time")
    bad("unknown-member", {**report, "x": 1}, "leaf.x: unknown field")


def main():
    for make in (json_vectors, time_vectors, checkpoint_vectors, statement_vectors, dsse_vectors, leaf_vectors):
        make()
    check = sys.argv[1:] == ["--check"]
    problems = [f"{at.name}: not from here" for at in HERE.iterdir()
                if at.is_dir() and at.name.startswith(PREFIXES) and at.name not in VECTORS]
    for folder, files in VECTORS.items():
        if not check:
            (HERE / folder).mkdir(exist_ok=True)
        for name, data in files.items():
            path = HERE / folder / name
            if not check:
                path.write_bytes(data)
            elif not path.exists() or path.read_bytes() != data:
                problems.append(f"{folder}/{name}: differs")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
