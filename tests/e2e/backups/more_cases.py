"""More cases of the suite `backups`: files that are whole outside and broken inside, what archives hold, and what was left
out of a copy."""
import contextlib
import gzip
import os
import random

from cases import Case, SQL, borg, cut, damaged, dump, files, files_config, good, piped, put, restic, shell


def inside_cases():
    gpg = ("enc() { h=$(mktemp -d); gpg --homedir \"$h\" --batch --quiet --passphrase x --symmetric \"$@\"; code=$?; "
           "gpgconf --homedir \"$h\" --kill all; return $code; }; enc")
    zipped = "cd \"$(mktemp -d)\"; cat >f; zip -q {} x.zip f; cat x.zip"
    sealed = {"encrypted": "pass"}
    yield Case("files-zip-damaged", files(damaged(zipped.format(""))), {"sound": "fail"})
    yield Case("files-zip-from-a-pipe", files(piped("cd \"$(mktemp -d)\"; zip -q x.zip -; cat x.zip")), {"sound": "pass"})
    signed = gpg.replace("--symmetric", "--store --armor")
    yield Case("files-gpg-armour-of-nothing-secret", files(piped(signed)), {"encrypted": "fail", "sound": "unknown"})
    yield Case("files-gpg-armour-less-lines", files(piped(gpg + " --armor | sed 20,30d")), {**sealed, "sound": "fail"})
    yield Case("files-gpg-keys-alone", files(lambda c: dump(c, shell(gpg, input=SQL)[:15])), {"sound": "fail"})
    yield Case("files-gzip-of-a-cut-cpio", files(piped("cd \"$(mktemp -d)\"; cat >f; echo f | cpio -oH newc >a 2>&1; head -c 9000 a | gzip -c")),
               {"sound": "fail breaks off"})
    yield Case("files-gzip-of-an-empty-tar", files(piped("cat >/dev/null; tar -cf - -T /dev/null | gzip -c")), {"sound": "fail nothing"})
    yield Case("files-sql-with-a-hole", files(lambda c: dump(c, SQL[:400] + bytes(5000) + SQL[5400:])), {"sound": "fail zeros"})
    base = "cd \"$(mktemp -d)\"; cat >/dev/null; sqlite3 x 'create table t(a); insert into t values(randomblob(400000))'; "
    yield Case("files-sqlite", files(piped(base + "cat x")), {"sound": "pass"})
    yield Case("files-sqlite-with-a-hole", files(piped(base + "dd if=/dev/zero of=x bs=4096 seek=3 count=60 conv=notrunc status=none; cat x")),
               {"sound": "fail"})
    yield Case("files-sqlite-cut-then-packed", files(piped(base + "head -c 200000 x | gzip -c")), {"sound": "fail"})
    yield Case("files-folder-above-for-all", files(lambda c: good(c) or os.chmod(c.parent, 0o777)), {"readable": "fail add and remove"})
    yield Case("files-one-of-two-folders-for-all", files(lambda c: [(c / n).mkdir(mode=0o700) for n in "ab"] and [
        put(c / n / "dump", gzip.compress(SQL), age) for n, age in (("a", 9000), ("b", 3600))] and (os.chmod(c, 0o755), os.chmod(c / "a", 0o777)),
        pattern="*/dump"), {"readable": "fail add and remove"})


def archive(command):
    """What `command` writes below a folder that holds data/ (file, words); data is declared, and to be covered."""
    @contextlib.contextmanager
    def build(folder):
        (folder / "data").mkdir()
        (folder / "data/file").write_bytes(random.Random(2).randbytes(40000))
        (folder / "data/words").write_text("words\n")
        (folder / "copies").mkdir(mode=0o700)
        dump(folder / "copies", shell(f"cd {folder}; " + command.format(here=folder, data=folder / "data")))
        yield {"data_paths": [{"path": str(folder / "data")}], **files_config(folder, covers=[str(folder / "data")])}
    return build


def archive_cases():
    for name, command, verdict in (
            ("by-its-whole-name", "tar -cf - {data} 2>/dev/null | gzip -c", "pass"),
            ("with-its-slash", "tar -cPf - {data} | zstd -q", "pass"),
            ("from-the-root", "tar -C / -cf - .{data}", "pass"),
            ("one-file-of-it", "tar -cf - {data}/words 2>/dev/null | xz -c", "unknown"),
            ("zip", "zip -qr - {data} | cat", "pass"),
            ("relative", "tar -cf - data | gzip -c", "unknown"),
            ("from-the-folder-itself", "tar -C data -cf - . | gzip -c", "unknown"),
            ("of-another-folder", "mkdir other; touch other/x; tar -cf - {here}/other 2>/dev/null | gzip -c", "fail does not hold"),
            ("without-what-is-in-it", "tar -cf - --no-recursion {data} 2>/dev/null | gzip -c", "fail does not hold"),
            ("all-left-out", "tar -cf - --exclude '*/data/*' {data} 2>/dev/null | gzip -c", "fail does not hold"),
            ("name-that-only-begins-so", "mkdir data2; touch data2/x; tar -cf - {here}/data2 2>/dev/null", "fail does not hold"),
            ("a-link-in-its-place", "mv data real; ln -s real data; tar -cf - {data} 2>/dev/null; rm data; mv real data", "fail does not hold"),
            ("cut", "tar -cf - {data} 2>/dev/null | head -c 20000", "unknown")):
        yield Case(f"archive-{name}", archive(command), {"paths": verdict}, subjects={"paths": None})


def left_out(kind, option):
    @contextlib.contextmanager
    def make(folder):
        data = folder / "data"
        (data / "more").mkdir(parents=True)
        (data / "words").write_text("words\n")
        (data / "more/file").write_text("more\n")
        shell(f"sqlite3 {data}/app.db 'CREATE TABLE t(a); INSERT INTO t VALUES(1)'")
        put(folder / "pass", b"secret\n")
        (folder / "patterns").write_text("*.db\n")
        given = option.format(here=folder)
        if kind == "restic":
            restic(folder, "init")
            restic(folder, f"backup {given} {folder}/data")
        else:
            borg(folder, f"init -e none {folder}/repo")
            borg(folder, f"create {given} {folder}/repo::a {data}")
        yield {"data_paths": [{"path": str(data)}, {"path": str(data / "more")}],
               "backups": [{"name": "b", "kind": kind, "repository": f"{folder}/repo", "password_file": f"{folder}/pass",
                            "covers": [str(data)]}]}
    return make


def left_out_cases():
    for kind in ("restic", "borg"):
        for name, option, verdicts in (
                ("of-all", "", {"databases": "pass", "paths": "pass", "more": "pass"}),
                ("by-a-pattern", "--exclude '*.db'", {"databases": "fail", "paths": "pass", "more": "pass"}),
                ("by-a-file-of-patterns", "--exclude-" + ("file" if kind == "restic" else "from") + " {here}/patterns",
                 {"databases": "fail", "paths": "pass", "more": "pass"}),
                ("by-a-folder", "--exclude {here}/data/more", {"databases": "pass", "paths": "pass", "more": "fail does not hold"}),
                ("of-what-is-in-a-folder", "--exclude '{here}/data/more/*'", {"databases": "pass", "more": "fail does not hold"}),
                ("of-all-that-is-in-it", "--exclude '{here}/data/*'", {"databases": "fail", "paths": "fail", "more": "fail"})):
            yield Case(f"left-out-{kind}-{name}", left_out(kind, option), verdicts,
                       subjects={"databases": "/app.db", "paths": None, "more": "/more"})


FAMILIES = (inside_cases, archive_cases, left_out_cases)
