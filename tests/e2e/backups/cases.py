"""The cases of the suite `backups`: each makes one backup named `b` below its folder and says what must be found."""
import contextlib
import gzip
import os
import pathlib
import random
import shutil
import subprocess
import time

import s3_server

NOW = time.time()
DAY = 86400
SQL = b"-- MySQL dump 10.19\n" + b"".join(b"INSERT INTO t VALUES (%d);\n" % i for i in range(5000)) + b"-- Dump completed\n"
LOCAL = {"off_host": "fail", "deletion": "fail"}


class Absent(Exception):
    """A program that the case is made by is not installed, or failed."""


class Case:
    def __init__(self, name, build, expect, dead=False, subjects=None):
        self.name, self.build, self.expect, self.dead = name, build, expect, dead
        self.subjects = subjects or {}


def shell(command, **more):
    done = subprocess.run(["/bin/bash", "-c", "set -e -o pipefail; " + command], capture_output=True, **more)
    if done.returncode != 0:
        raise Absent(f"{command}: {done.stderr.decode(errors='replace')[-300:]}")
    return done.stdout


def put(path, content, age=3600, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.chmod(path, mode)
    os.utime(path, (NOW - age, NOW - age))
    return path


def flip(path, at):
    mode = path.stat().st_mode
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 0x5A]))
    os.chmod(path, mode)


def largest(folder):
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def files_config(folder, pattern="dump-*", **more):
    return {"backups": [{"name": "b", "kind": "files", "path": f"{folder}/copies/{pattern}", **more}]}


def files(make, **more):
    """`make` fills the folder copies, which is its owner's alone."""
    @contextlib.contextmanager
    def build(folder):
        copies = folder / "copies"
        copies.mkdir(mode=0o700)
        make(copies)
        yield files_config(folder, **more)
    return build


def dump(copies, content, age=3600, name="dump-9", mode=0o600):
    return put(copies / name, content, age, mode)


def older(copies, content=None, count=3):
    for i in range(1, count + 1):
        dump(copies, gzip.compress(SQL) if content is None else content, DAY * i, f"dump-{8 - i}")


def good(copies):
    older(copies)
    dump(copies, gzip.compress(SQL))


def piped(command):
    """A whole dump through a program."""
    return lambda copies: dump(copies, shell(command, input=SQL))


def cut(command, less):
    return lambda copies: dump(copies, shell(command, input=SQL)[:-less])


def damaged(command):
    def make(copies):
        bytes_ = bytearray(shell(command, input=SQL))
        bytes_[len(bytes_) // 2] ^= 0x5A
        dump(copies, bytes(bytes_))
    return make


def sparse(copies, size, head=b""):
    path = dump(copies, head)
    os.truncate(path, size)
    os.utime(path, (NOW - 3600, NOW - 3600))


def hostile_names(copies):
    for i, name in enumerate((b"dump-\xff\xfe", b"dump-<script>alert(1)</script>", b"dump-a\nb\x1b[31m", b"dump-%s%n")):
        put(pathlib.Path(os.fsdecode(os.path.join(os.fsencode(copies), name))), gzip.compress(SQL), 3600 * (i + 1))


def with_pipe(copies):
    os.mkfifo(copies / "dump-pipe")
    good(copies)


def file_cases():
    # gpg starts an agent that nobody ends.
    gpg = ("enc() { h=$(mktemp -d); gpg --homedir \"$h\" --batch --quiet --passphrase x --symmetric \"$@\"; code=$?; "
           "gpgconf --homedir \"$h\" --kill all; return $code; }; enc")
    sevenz = "cd \"$(mktemp -d)\"; cat >f; 7z a -bso0 -bsp0 {} x.7z f; cat x.7z"
    zipped = "cd \"$(mktemp -d)\"; cat >f; zip -q {} x.zip f; cat x.zip"
    age = "age-keygen -o \"$(mktemp -d)/k\" 2>&1 | sed 's/.*: //' >/dev/null; age -r {}"
    with contextlib.suppress(Absent):
        key = shell("age-keygen 2>/dev/null").decode()
        age = age.format(next(line.split()[-1] for line in key.splitlines() if "public key" in line))
    whole = {"fresh": "pass", "sound": "pass", "encrypted": "fail", "size": "pass", "readable": "pass", "future": "pass"}
    one = {"fresh": "pass", "sound": "pass", "encrypted": "fail", "readable": "pass", "size": "unknown nothing to compare"}
    broken = {"fresh": "pass", "sound": "fail cut off or damaged"}
    yield Case("files-good", files(good), {**whole, **LOCAL})
    yield Case("files-stale", files(lambda c: older(c, count=3) or os.unlink(c / "dump-7")), {"fresh": "fail", "sound": "pass"})
    yield Case("files-empty", files(lambda c: older(c) or dump(c, b"")), {"fresh": "pass", "sound": "fail empty", "size": "fail empty"})
    yield Case("files-future", files(lambda c: older(c) or dump(c, gzip.compress(SQL), -9 * DAY)),
               {"fresh": "fail future", "future": "fail future", "sound": "fail future"})
    yield Case("files-older-one-touched-ahead", files(lambda c: good(c) or dump(c, gzip.compress(SQL), -DAY, "dump-1")),
               {"fresh": "fail", "future": "fail dump-1"})
    yield Case("files-shrunk", files(lambda c: older(c) or dump(c, gzip.compress(b"-- MySQL dump\n-- Dump completed\n"))),
               {"fresh": "pass", "sound": "fail", "size": "fail"})
    yield Case("files-less-than-declared", files(good, min_bytes=10**9), {"sound": "fail", "size": "fail declared"})
    yield Case("files-world-readable", files(lambda c: good(c) or os.chmod(c, 0o755) or os.chmod(c / "dump-6", 0o644)),
               {"readable": "fail dump-6", "sound": "pass"})
    yield Case("files-readable-behind-a-closed-folder", files(lambda c: good(c) or os.chmod(c / "dump-6", 0o644)),
               {"readable": "pass"})
    yield Case("files-folder-for-all", files(lambda c: good(c) or os.chmod(c, 0o777)), {"readable": "fail add and remove"})
    yield Case("files-none", files(lambda c: None), {"fresh": "fail no copy", "sound": "fail no copy"})
    yield Case("files-zeros", files(lambda c: sparse(c, 10**8)), {"sound": "fail zeros", "encrypted": "unknown"})
    yield Case("files-tebibyte-of-nothing", files(lambda c: sparse(c, 1 << 40)), {"sound": "fail zeros"})
    yield Case("files-tebibyte-behind-a-head", files(lambda c: sparse(c, 1 << 40, gzip.compress(SQL))), {"sound": "fail zeros"})
    yield Case("files-preallocated", files(lambda c: sparse(c, 300000, gzip.compress(random.Random(1).randbytes(200000))[:90000])), broken)
    yield Case("files-dangling-link", files(lambda c: os.symlink("/nowhere/x", c / "dump-9")),
               {"fresh": "unknown no regular", "sound": "unknown", "readable": "unknown"})
    yield Case("files-link-beside-a-stale-one", files(lambda c: older(c) or os.symlink("/etc/hostname", c / "dump-9") or os.unlink(c / "dump-7")),
               {"fresh": "fail"})
    yield Case("files-hostile-names", files(hostile_names), {**whole, "readable": "pass"})
    yield Case("files-pipe-beside", files(with_pipe), whole)
    yield Case("files-gzip-cut", files(cut("gzip -c", 9)), broken)
    yield Case("files-gzip-damaged", files(damaged("gzip -c")), broken)
    yield Case("files-gzip-of-a-cut-dump", files(lambda c: dump(c, gzip.compress(SQL[:-20]))), {"sound": "fail breaks off"})
    yield Case("files-gzip-of-nothing", files(lambda c: dump(c, gzip.compress(b""))), {"sound": "fail nothing is in it"})
    for program in ("xz", "bzip2", "zstd", "lz4"):
        yield Case(f"files-{program}", files(piped(f"{program} -q -c")), one)
        yield Case(f"files-{program}-cut", files(cut(f"{program} -q -c", 30)), broken)
        yield Case(f"files-{program}-damaged", files(damaged(f"{program} -q -c")), broken)
    sealed = {"fresh": "pass", "encrypted": "pass"}
    yield Case("files-gpg", files(piped(gpg)), {**sealed, "sound": "pass"})
    yield Case("files-gpg-cut", files(cut(gpg, 40)), {**sealed, "sound": "fail"})
    yield Case("files-gpg-armour-cut", files(cut(gpg + " --armor", 60)), {**sealed, "sound": "fail"})
    yield Case("files-age", files(piped(age)), {**sealed, "sound": "unknown without its key"})
    yield Case("files-age-with-a-hole", files(lambda c: sparse(c, 10**7, shell(age, input=SQL))), {**sealed, "sound": "fail zeros"})
    yield Case("files-openssl", files(piped("openssl enc -aes-256-cbc -pbkdf2 -pass pass:x")), {**sealed, "sound": "unknown"})
    yield Case("files-7z-sealed", files(piped(sevenz.format("-px -mhe=on"))), {**sealed, "sound": "unknown not read through"})
    yield Case("files-7z-cut", files(cut(sevenz.format("-px -mhe=on"), 8)), {"sound": "fail"})
    yield Case("files-zip-sealed", files(piped(sevenz.replace("x.7z", "x.zip").format("-tzip -mem=AES256 -px"))), {**sealed, "sound": "pass"})
    yield Case("files-zip-by-a-broken-cipher", files(piped(zipped.format("-P x"))), {"encrypted": "unknown", "sound": "pass"})
    yield Case("files-zip-open", files(piped(zipped.format(""))), {"encrypted": "fail", "sound": "pass"})
    yield Case("files-zip-cut", files(cut(zipped.format(""), 8)), {"sound": "fail"})


def repository(make, kind, password="secret", **more):
    """`make(folder)` makes folder/repo; the password lies in folder/pass."""
    @contextlib.contextmanager
    def build(folder):
        put(folder / "pass", password.encode() + b"\n")
        (folder / "data").mkdir()
        (folder / "data/file").write_bytes(random.Random(2).randbytes(400000))
        (folder / "data/words").write_text("words\n")
        make(folder)
        data = str(folder / "data")
        given = {key: value.format(folder=folder) if isinstance(value, str) else value for key, value in more.items()}
        yield {"data_paths": [{"path": data}],
               "backups": [{"name": "b", "kind": kind, "repository": f"{folder}/repo", "password_file": f"{folder}/pass",
                            "covers": [data], **given}]}
    return build


def restic(folder, arguments, password="secret"):
    shell(f"RESTIC_PASSWORD={password} restic -q --no-cache -r {folder}/repo {arguments}")


def restic_made(after=lambda folder: None, times=("",), password="secret"):
    def make(folder):
        restic(folder, "init", password)
        for moment in times:
            restic(folder, f"backup {moment} {folder}/data", password)
        after(folder)
    return make


def removed(folder):
    os.unlink(largest(folder / "repo/data"))


def cut_largest(folder):
    path = largest(folder / "repo/data")
    os.chmod(path, 0o600)
    os.truncate(path, path.stat().st_size // 2)


def restic_cases():
    sound = {"fresh": "pass", "encrypted": "pass", "sound": "pass", "checked": "pass", "future": "pass", "paths": "pass",
             "readable": "pass"}
    hurt = {"fresh": "pass", "encrypted": "pass", "sound": "fail", "checked": "fail"}
    closed = {"fresh": "unknown wrong password", "sound": "unknown", "encrypted": "unknown", "checked": "unknown",
              "paths": "unknown"}

    def case(name, make, expect, **more):
        subjects = {"paths": None}
        return Case(name, repository(make, "restic", **more), expect, subjects=subjects)

    yield case("restic-good", restic_made(), {**sound, **LOCAL})
    yield case("restic-two-copies", restic_made(times=("--time '2026-01-01 00:00:00'", "")), {**sound, "size": "pass~"})
    yield case("restic-byte-flipped", restic_made(lambda f: flip(largest(f / "repo/data"), 5000)), hurt)
    yield case("restic-pack-missing", restic_made(removed), hurt)
    yield case("restic-pack-cut", restic_made(cut_largest), hurt)
    yield case("restic-wrong-password", restic_made(password="another"), closed)
    yield case("restic-stale", restic_made(times=("--time '2020-01-01 00:00:00'",)), {"fresh": "fail", "sound": "pass"})
    yield case("restic-ahead", restic_made(times=("--time '2040-01-01 00:00:00'",)), {"fresh": "fail future", "future": "fail"})
    yield case("restic-empty", lambda folder: restic(folder, "init"), {"fresh": "fail no copy", "paths": "fail"})
    yield case("restic-link-inside", restic_made(lambda f: os.symlink("/etc/passwd", f / "repo/data/x")),
               {"fresh": "unknown no place in a repository", "sound": "unknown", "checked": "unknown"})
    yield case("restic-not-the-data", restic_made(lambda f: (f / "data").rename(f / "old") and (f / "data").mkdir() or restic(f, f"backup {f}/old")),
               {"paths": "fail does not hold"})


def borg(folder, arguments, password="secret"):
    shell(f"export BORG_BASE_DIR={folder}/borg-home BORG_PASSPHRASE={password!r} BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes; "
          f"borg {arguments}")


def borg_made(after=lambda folder: None, mode="repokey", password="secret", options=""):
    def make(folder):
        borg(folder, f"init -e {mode} {folder}/repo", password)
        borg(folder, f"create {options} {folder}/repo::monday {folder}/data", password)
        (folder / "data/more").write_text("more\n")
        borg(folder, f"create {options} {folder}/repo::tuesday {folder}/data", password)
        after(folder)
    return make


def borg_cases():
    sound = {"fresh": "pass", "encrypted": "pass", "sound": "pass", "checked": "pass", "future": "pass", "size": "pass",
             "paths": "pass", "readable": "pass"}
    hurt = {"sound": "fail", "checked": "fail"}
    closed = {"fresh": "unknown passphrase", "sound": "unknown", "encrypted": "unknown", "checked": "unknown", "size": "unknown",
              "paths": "unknown"}

    def case(name, make, expect, **more):
        return Case(name, repository(make, "borg", **more), expect, subjects={"paths": None})

    yield case("borg-repokey", borg_made(), {**sound, **LOCAL})
    yield case("borg-blake2", borg_made(mode="repokey-blake2"), sound)
    yield case("borg-none", borg_made(mode="none"), {**sound, "encrypted": "fail"})
    yield case("borg-authenticated", borg_made(mode="authenticated"), {**sound, "encrypted": "fail"})
    for how in ("none", "zlib,6", "zstd,9", "lzma,2", "auto,lzma", "obfuscate,3,zstd"):
        yield case("borg-packed-" + how.replace(",", "-"), borg_made(options=f"-C {how}"), sound)
    yield case("borg-empty-passphrase", borg_made(password=""), {**sound, "encrypted": "fail"}, password="")
    yield case("borg-keyfile", borg_made(lambda f: shutil.copy(next((f / "borg-home/.config/borg/keys").iterdir()), f / "key"), mode="keyfile"),
               sound, key_file="{folder}/key")
    yield case("borg-keyfile-not-declared", borg_made(mode="keyfile"), {"fresh": "unknown key_file", "sound": "unknown"})
    yield case("borg-pruned-and-compacted", borg_made(lambda f: borg(f, f"prune --keep-last 1 {f}/repo") or borg(f, f"compact {f}/repo")),
               {**sound, "size": "unknown"})
    yield case("borg-byte-flipped", borg_made(lambda f: flip(largest(f / "repo/data"), 5000)), hurt)
    yield case("borg-segment-missing", borg_made(removed), hurt)
    yield case("borg-segment-cut", borg_made(cut_largest), hurt)
    yield case("borg-index-damaged", borg_made(lambda f: flip(next((f / "repo").glob("index.*")), 9)), {"sound": "fail~", "checked": "fail~"})
    yield case("borg-all-segments-gone", borg_made(lambda f: shutil.rmtree(f / "repo/data") or (f / "repo/data").mkdir()), hurt)
    yield case("borg-wrong-passphrase", borg_made(password="another"), closed)
    yield case("borg-empty", lambda folder: borg(folder, f"init -e repokey {folder}/repo"), {"fresh": "fail no copy", "paths": "fail"})
    yield case("borg-pipe-inside", borg_made(lambda f: os.mkfifo(f / "repo/data/0/99")), {"fresh": "unknown no place", "sound": "unknown"})
    yield case("borg-config-gone", borg_made(lambda f: os.unlink(f / "repo/config")), {"fresh": "unknown no config", "sound": "unknown"})
    yield case("borg-stale", lambda f: borg(f, f"init -e none {f}/repo") or borg(f, f"create --timestamp 2020-01-01T00:00:00 {f}/repo::a {f}/data"),
               {"fresh": "fail", "sound": "pass"})
    yield case("borg-ahead", lambda f: borg(f, f"init -e none {f}/repo") or borg(f, f"create --timestamp 2040-01-01T00:00:00 {f}/repo::a {f}/data"),
               {"fresh": "fail future", "future": "fail"})
    yield case("borg-relative-paths", lambda f: borg(f, f"init -e none {f}/repo") or shell(
        f"cd {f}; BORG_BASE_DIR={f}/borg-home borg create {f}/repo::a data"), {"paths": "fail does not hold"})
    yield case("borg-name-like-a-checkpoint", lambda f: borg(f, f"init -e none {f}/repo") or borg(f, f"create {f}/repo::a.checkpoints {f}/data"),
               {"fresh": "pass", "paths": "pass"})
    yield case("borg-checkpoint-alone", lambda f: borg(f, f"init -e none {f}/repo") or borg(f, f"create {f}/repo::a.checkpoint {f}/data"),
               {"fresh": "fail no copy"})


def stored(objects, config=None, mode=0o600, secret="se/cr+et", tls=False, **settings):
    @contextlib.contextmanager
    def build(folder):
        certificate = None
        if tls:
            shell(f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
                  f"-keyout {folder}/tls.key -out {folder}/tls.pem")
            certificate = (folder / "tls.pem", folder / "tls.key")
        store = s3_server.Store("AKIDEXAMPLE", "se/cr+et", objects, certificate=certificate, **settings)
        port = store.start()
        token = f"aws_session_token = {settings['token']}\n" if "token" in settings else ""
        put(folder / "keys", f"[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {secret}\n{token}".encode(), mode=mode)
        entry = {"name": "b", "kind": "s3", "repository": "s3://copies/db/", "region": "eu-test-1",
                 "endpoint": f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}",
                 "credentials_file": f"{folder}/keys", **(config or {})}
        for key, value in entry.items():
            entry[key] = value.format(folder=folder, port=port)
        try:
            yield {"backups": [entry]}
        finally:
            store.stop()
    return build


def s3_cases():
    def objects(age=3600, last=gzip.compress(SQL), count=4):
        made = {f"db/{i} å+&.sql.gz": (gzip.compress(SQL), NOW - age - DAY * (i + 1)) for i in range(count)}
        made["db/last.sql.gz"] = (last, NOW - age)
        made["db/"] = (b"", NOW)
        made["elsewhere/x"] = (b"x", NOW)
        return made

    whole = {"fresh": "pass", "sound": "pass", "encrypted": "fail", "size": "pass", "readable": "pass", "future": "pass",
             "off_host": "fail", "deletion": "unknown"}
    refused = {"fresh": "unknown SignatureDoesNotMatch", "sound": "unknown", "encrypted": "unknown", "readable": "unknown"}
    yield Case("s3-good", stored(objects()), whole)
    yield Case("s3-pages", stored(objects(count=9), page=2), whole)
    yield Case("s3-session-token", stored(objects(), token="A/b+c=="), whole)
    yield Case("s3-locked-and-sealed", stored(objects(), lock="COMPLIANCE", sse="aws:kms"),
               {**whole, "encrypted": "pass by the store", "deletion": "pass"})
    yield Case("s3-lock-that-can-be-passed-by", stored(objects(), lock="GOVERNANCE"), {"deletion": "unknown GOVERNANCE"})
    yield Case("s3-public", stored(objects(), public=True), {"readable": "fail everybody"})
    yield Case("s3-stale", stored(objects(age=9 * DAY)), {"fresh": "fail"})
    yield Case("s3-ahead", stored(objects(age=-9 * DAY)), {"fresh": "fail", "future": "fail"})
    yield Case("s3-cut", stored(objects(last=gzip.compress(SQL)[:-9])), {"sound": "fail"})
    yield Case("s3-empty-object", stored(objects(last=b"")), {"sound": "fail empty", "size": "fail empty"})
    yield Case("s3-nothing-there", stored({"elsewhere/x": (b"x", NOW)}), {"fresh": "fail no copy"})
    yield Case("s3-wrong-key", stored(objects(), secret="wrong"), refused)
    yield Case("s3-list-refused", stored(objects(), deny=("list-type",)), {"fresh": "unknown AccessDenied", "sound": "unknown"})
    yield Case("s3-acl-refused", stored(objects(), deny=("acl",)), {"readable": "unknown", "fresh": "pass"})
    yield Case("s3-forged", stored(objects(), forge="<!DOCTYPE x [<!ENTITY a 'b'>]><ListBucketResult/>"), {"fresh": "unknown", "sound": "unknown"})
    yield Case("s3-endless", stored(objects(), forge="<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x"
                                    "</NextContinuationToken></ListBucketResult>"), {"fresh": "unknown"})
    yield Case("s3-keys-that-others-read", stored(objects(), mode=0o644), {"fresh": "unknown others may read"})
    yield Case("s3-no-such-bucket", stored(objects(), {"repository": "s3://another/db/"}), {"fresh": "unknown NoSuchBucket"})
    yield Case("s3-tls", stored(objects(), {"ca_file": "{folder}/tls.pem"}, tls=True), whole)
    yield Case("s3-tls-not-trusted", stored(objects(), tls=True), {"fresh": "unknown", "sound": "unknown", "encrypted": "unknown"})
    yield Case("s3-plain-and-far", stored(objects(), {"endpoint": "http://192.0.2.1:{port}"}), {"fresh": "unknown https alone"})
    yield Case("s3-metadata-service", stored(objects(), {"endpoint": "https://169.254.169.254"}), {"fresh": "unknown"})


def info(kind, text, **more):
    @contextlib.contextmanager
    def build(folder):
        put(folder / "info", text.encode())
        yield {"backups": [{"name": "b", "kind": kind, "info_file": f"{folder}/info", **more}]}
    return build


def volume_cases():
    def zfs(created, encryption="aes-256-gcm"):
        return "".join(f"tank/data@{i}\t{int(created) - i * DAY}\t{10**9 + i}\t{encryption}\n" for i in range(3))

    def btrfs(created, flags="readonly", parent="9e007e44-f62d-734c-bbc1-0b59f3663403"):
        moment = time.strftime("%Y-%m-%d %H:%M:%S +0200", time.gmtime(created + 7200))
        return f"snaps/one\n\tName: \t\t\tone\n\tParent UUID: \t\t{parent}\n\tReceived UUID: \t\t-\n\tCreation time: \t\t{moment}\n\tFlags: \t\t\t{flags}\n\tSnapshot(s):\n"

    yield Case("zfs-good", info("zfs", zfs(NOW - 3600), repository="tank/data"),
               {"fresh": "pass", "encrypted": "pass", "size": "pass", "sound": "unknown scrub", "off_host": "fail"})
    yield Case("zfs-stale-and-plain", info("zfs", zfs(NOW - 9 * DAY, "off"), repository="tank/data"), {"fresh": "fail", "encrypted": "fail"})
    yield Case("zfs-of-another-dataset", info("zfs", zfs(NOW - 3600), repository="tank/other"), {"fresh": "fail no copy"})
    yield Case("btrfs-good", info("btrfs", btrfs(NOW - 3600), repository="/snaps"), {"fresh": "pass", "sound": "unknown", "encrypted": "unknown"})
    yield Case("btrfs-stale", info("btrfs", btrfs(NOW - 9 * DAY), repository="/snaps"), {"fresh": "fail"})
    yield Case("btrfs-writable", info("btrfs", btrfs(NOW - 3600, "-"), repository="/snaps"), {"fresh": "fail no copy"})
    yield Case("btrfs-no-snapshot", info("btrfs", btrfs(NOW - 3600, parent="-"), repository="/snaps"), {"fresh": "fail no copy"})


def dead_tree(fill, expect_config, mounts="24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"):
    """A whole host as a tree: --root."""
    @contextlib.contextmanager
    def build(folder):
        tree = folder / "tree"
        put(tree / "proc/1/mountinfo", mounts.encode(), mode=0o644)
        fill(tree)
        yield expect_config
    return build


def dead_tree_cases():
    nfs = "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 24 0:40 / /mnt/vault {} - nfs4 vault.example.org:/r {}\n"
    config = {"backups": [{"name": "b", "kind": "files", "path": "/mnt/vault/dump-*"}]}

    def vault(tree):
        (tree / "mnt/vault").mkdir(parents=True)
        good(tree / "mnt/vault")

    def link_out(tree):
        (tree / "mnt/vault").mkdir(parents=True)
        outside = tree.parent / "outside"
        outside.mkdir()
        good(outside)
        os.symlink(outside, tree / "mnt/vault/in")

    def borg_inside(tree):
        data = tree / "srv/data"
        data.mkdir(parents=True)
        (data / "file").write_text("words\n")
        put(tree / "pass", b"secret\n")
        borg(tree.parent, f"init -e repokey {tree}/srv/repo")
        borg(tree.parent, f"create {tree}/srv/repo::a {data}")

    def restic_inside(tree):
        data = tree / "srv/data"
        data.mkdir(parents=True)
        (data / "file").write_text("words\n")
        put(tree / "pass", b"secret\n")
        shell(f"export RESTIC_PASSWORD=secret; restic -q --no-cache -r {tree}/srv/repo init; restic -q --no-cache -r {tree}/srv/repo backup {data}")

    def store(kind):
        return {"backups": [{"name": "b", "kind": kind, "repository": "/srv/repo", "password_file": "/pass"}]}

    yield Case("tree-on-nfs", dead_tree(vault, config, nfs.format("rw", "rw")),
               {"off_host": "pass vault.example.org", "deletion": "fail", "fresh": "pass", "sound": "pass"}, dead=True)
    yield Case("tree-on-nfs-read-only", dead_tree(vault, config, nfs.format("ro", "ro")), {"off_host": "pass", "deletion": "unknown read-only"}, dead=True)
    yield Case("tree-on-its-own-nfs", dead_tree(vault, config, nfs.format("rw", "rw").replace("vault.example", "localhost.example")),
               {"off_host": "fail~"}, dead=True)
    yield Case("tree-on-something-unknown", dead_tree(vault, config, nfs.format("rw", "rw").replace("nfs4", "fuse.odd")),
               {"off_host": "unknown does not tell"}, dead=True)
    yield Case("tree-link-out", dead_tree(link_out, {"backups": [{"name": "b", "kind": "files", "path": "/mnt/vault/in/dump-*"}]}),
               {"fresh": "fail~", "sound": "fail~", "readable": "unknown"}, dead=True)
    yield Case("tree-borg", dead_tree(borg_inside, store("borg")), {"fresh": "pass", "sound": "pass", "encrypted": "pass", "checked": "pass"}, dead=True)
    yield Case("tree-restic", dead_tree(restic_inside, store("restic")), {"fresh": "pass", "sound": "pass", "encrypted": "pass", "checked": "pass"}, dead=True)
    yield Case("tree-s3", dead_tree(lambda tree: None, {"backups": [{"name": "b", "kind": "s3", "repository": "s3://copies/x", "region": "r",
               "endpoint": "https://s3.example.org", "credentials_file": "/k"}]}), {"fresh": "unknown dead tree"}, dead=True)


def database_cases():
    def build(covered, held):
        @contextlib.contextmanager
        def make(folder):
            data = folder / "data"
            data.mkdir()
            shell(f"sqlite3 {data}/app.db 'CREATE TABLE t(a); INSERT INTO t VALUES(1)'")
            borg(folder, f"init -e none {folder}/repo")
            borg(folder, f"create {folder}/repo::a {data if held else '/etc/hostname'}")
            yield {"data_paths": [{"path": str(data)}],
                   "backups": [{"name": "b", "kind": "borg", "repository": f"{folder}/repo", **({"covers": [str(data)]} if covered else {})}]}
        return make
    yield Case("database-covered", build(True, True), {"databases": "pass", "paths": "pass"}, subjects={"databases": "/app.db", "paths": None})
    yield Case("database-not-declared", build(False, True), {"databases": "fail no declared"}, subjects={"databases": "/app.db"})
    yield Case("database-not-held", build(True, False), {"databases": "fail no copy that holds", "paths": "fail"},
               subjects={"databases": "/app.db", "paths": None})


class World:
    """What several cases share: a server of PostgreSQL with a backup by pgBackRest and one by Barman."""
    BIN = "/usr/lib/postgresql/15/bin"

    def __init__(self, top):
        self.top, self.folder, self.running = top, top / "postgres", False

    def postgres(self):
        if self.running:
            return self.folder
        self.folder.mkdir()
        shell(f"chmod 755 {self.folder}; cd {self.folder}; install -d -o postgres d sock repo log spool lock barman barman-log; "
              f"su postgres -c '{self.BIN}/initdb -A trust -D {self.folder}/d/main'")
        with open(self.folder / "d/main/postgresql.conf", "a", encoding="utf-8") as config:
            config.write(f"port=5499\nunix_socket_directories='{self.folder}/sock'\nlisten_addresses=''\narchive_mode=on\n"
                         f"archive_command='pgbackrest --config={self.folder}/pgbackrest.conf --stanza=main archive-push %p'\n")
        put(self.folder / "pgbackrest.conf", f"[global]\nrepo1-path={self.folder}/repo\nlog-path={self.folder}/log\n"
            f"spool-path={self.folder}/spool\nlock-path={self.folder}/lock\n[main]\npg1-path={self.folder}/d/main\npg1-port=5499\n"
            f"pg1-socket-path={self.folder}/sock\n".encode(), mode=0o644)
        there = f"host={self.folder}/sock port=5499 user=postgres"
        put(self.folder / "barman.conf", f"[barman]\nbarman_user = postgres\nbarman_home = {self.folder}/barman\n"
            f"log_file = {self.folder}/barman-log/log\nconfiguration_files_directory = {self.folder}/none\n[pg]\ndescription = pg\n"
            f"conninfo = {there} dbname=postgres\nstreaming_conninfo = {there}\nbackup_method = postgres\n"
            f"streaming_archiver = on\nslot_name = barman\ncreate_slot = auto\npath_prefix = {self.BIN}\n".encode(), mode=0o644)
        self.as_postgres(f"{self.BIN}/pg_ctl -D d/main -l log/server -w start >/dev/null")
        self.running = True
        pgbackrest = f"pgbackrest --config={self.folder}/pgbackrest.conf --stanza=main"
        barman = f"timeout 90 barman -q -c {self.folder}/barman.conf"
        self.as_postgres(f"{pgbackrest} stanza-create; {pgbackrest} backup --start-fast; {pgbackrest} --output=json info >log/info.json")
        # It says DONE when the logs that the copy needs have come, which is another process's work.
        self.as_postgres(f"{barman} cron; sleep 1; {barman} switch-wal --force --archive pg; {barman} backup pg; "
                         "for i in $(seq 30); do grep -q ^status=DONE barman/pg/base/*/backup.info && break; "
                         f"{barman} switch-wal --force --archive pg; {barman} cron; sleep 1; done; "
                         f"barman -c {self.folder}/barman.conf -f json list-backup pg >barman-log/list.json")
        return self.folder

    def as_postgres(self, command):
        shell(f"su postgres -c 'cd {self.folder}; {command}' >/dev/null 2>&1")

    def stop(self):
        if self.running:
            with contextlib.suppress(Absent):
                self.as_postgres(f"{self.BIN}/pg_ctl -D d/main -m immediate stop; pkill -u postgres -f {self.folder}/barman.conf || true")


def postgres_cases(world):
    def copied(kind, after=lambda repo: None, stanza=None, what=None):
        @contextlib.contextmanager
        def build(folder):
            made = world.postgres()
            entry = {"name": "b", "kind": kind, "stanza": stanza or ("main" if kind == "pgbackrest" else "pg"),
                     "covers": ["/var/lib/postgresql"]}
            if what:
                shutil.copy(made / what, folder / "info")
                entry["info_file"] = f"{folder}/info"
            else:
                shell(f"cp -a {made}/{'repo' if kind == 'pgbackrest' else 'barman'} {folder}/repo")
                after(folder / "repo")
                entry["repository"] = f"{folder}/repo"
            yield {"backups": [entry]}
        return build

    def without(pattern):
        def after(repo):
            for path in sorted(repo.glob(pattern)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return after

    def sealed(repo):
        put(repo / "backup/main/backup.info", b"Salted__" + bytes(64))

    whole = {"fresh": "pass", "encrypted": "fail", "sound": "unknown not read through", "checked": "unknown", "future": "pass",
             "readable": "unknown", "off_host": "fail"}
    listed = {"fresh": "pass", "sound": "unknown", "off_host": "unknown", "deletion": "unknown"}
    yield Case("pgbackrest-good", copied("pgbackrest"), whole)
    yield Case("pgbackrest-its-own-words", copied("pgbackrest", what="log/info.json"), {**listed, "encrypted": "fail"})
    yield Case("pgbackrest-manifest-gone", copied("pgbackrest", without("backup/main/*F/backup.manifest")), {"sound": "fail missing", "checked": "fail"})
    yield Case("pgbackrest-logs-gone", copied("pgbackrest", without("archive/main/*/*")), {"sound": "fail missing", "checked": "fail"})
    yield Case("pgbackrest-another-stanza", copied("pgbackrest", stanza="other"), {"fresh": "unknown", "sound": "unknown"})
    yield Case("pgbackrest-stanza-that-climbs", copied("pgbackrest", stanza="../x"), {"fresh": "unknown no plain name"})
    yield Case("pgbackrest-sealed", copied("pgbackrest", sealed), {"fresh": "unknown info_file", "sound": "unknown"})
    yield Case("barman-good", copied("barman"), whole)
    yield Case("barman-its-own-words", copied("barman", what="barman-log/list.json"), {**listed, "encrypted": "unknown"})
    yield Case("barman-data-gone", copied("barman", without("pg/base/*/data")), {"sound": "fail missing", "checked": "fail"})
    yield Case("barman-logs-gone", copied("barman", without("pg/wals/0*")), {"sound": "fail missing", "checked": "fail"})
    yield Case("barman-no-copy", copied("barman", without("pg/base/*")), {"fresh": "fail no copy"})


def all_cases(world):
    import more_cases  # which takes from here what makes them
    families = (file_cases, restic_cases, borg_cases, s3_cases, volume_cases, dead_tree_cases, database_cases,
                *more_cases.FAMILIES, lambda: postgres_cases(world))
    for family in families:
        for case in family():
            prefix = world.top / case.name / "data"
            for short, subject in list(case.subjects.items()):
                if subject is None:
                    case.subjects[short] = str(prefix)
                elif subject.startswith("/"):
                    case.subjects[short] = str(prefix) + subject
            yield case
