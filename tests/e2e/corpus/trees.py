"""Builds the trees of tests/data as hosts that `tom-agent check --root` examines, each with the verdicts it must give.

A folder of tests/data/hosts is laid over tests/data/hosts/base (a plain Debian host; `bare` in its recipe: over nothing).
What no repository can hold stands in its `recipe`, a line each:
    fifo PATH · device PATH · link PATH TARGET · mode PATH OCTAL · owner PATH UID · remove PATH · zeros PATH BYTES
    many FOLDER COUNT SUFFIX TEXT       files 0SUFFIX, 1SUFFIX, ... of one line each
    bytes PATH TEXT                     with the escapes of Python
    repeat PATH COUNT TEXT              the line so many times
    dated PATH TEXT                     without an end of line; <-7d> in it is the time seven days ago
    chain PATH COUNT TEXT               files PATH0, PATH1, ...: each is TEXT with @ for the next one's path
and in `expect`: `CHECK | SUBJECT | VERDICT | text of the reason`. `fail~` and `pass~`: that is so, and `unknown` is honest
too. A subject of a named check that is not listed must neither pass nor fail; the subject `*` lists all others."""
import os
import pathlib
import re
import shutil
import stat
import time

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
BASE = DATA / "hosts/base"


class Case:
    def __init__(self, family, name, expect):
        self.family, self.name, self.expect = family, name, expect

    def __str__(self):
        return f"{self.family}/{self.name}"


def expectations(path):
    rows = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            fields = [field.strip() for field in line.split(" | ")]
            rows.append((*fields[:3], fields[3] if len(fields) > 3 else ""))
    return rows


def hosts_cases():
    for folder in sorted((DATA / "hosts").iterdir()):
        if (folder / "expect").exists():
            yield Case("hosts", folder.name, expectations(folder / "expect"))


def ssh_mfa_cases():
    for folder in sorted((DATA / "ssh_mfa").iterdir()):
        if not (folder / "expect").exists():
            continue
        rows = []
        for line in (folder / "expect").read_text().splitlines():
            subject, verdict, *text = line.split(" ", 2)
            rows.append(("ssh-second-factor", subject, verdict, text[0] if text else ""))
        yield Case("ssh_mfa", folder.name, rows)


# What an account may do by sudo is a verdict of sudo-without-password.
SUDO = {"free": "fail", "password": "pass", "limited": "pass", "unknown": "unknown"}


def sudoers_cases():
    for folder in sorted((DATA / "sudoers").iterdir()):
        if (folder / "expect").exists():
            words = [line.split() for line in (folder / "expect").read_text().splitlines() if line]
            yield Case("sudoers", folder.name, [("sudo-without-password", account, SUDO[power], "")
                                                for account, power in words if power in SUDO])


def other_cases(family):
    """No verdicts of their own here, only what holds for every tree."""
    for folder in sorted((DATA / family).iterdir()):
        if folder.is_dir():
            yield Case(family, folder.name, [])


def all_cases():
    yield from hosts_cases()
    yield from ssh_mfa_cases()
    yield from sudoers_cases()
    for family in ("sshd", "pam", "server_configs"):
        yield from other_cases(family)
    # Of the many trees of logging those that hold more than one program's configuration.
    for folder in sorted((DATA / "logging").iterdir()):
        if (folder / "no-oracle").exists():
            yield Case("logging", folder.name, [])


def inside(root, path):
    return root / path.lstrip("/")


def follow_recipe(root, lines):
    for line in lines:
        word, _, rest = line.partition(" ")
        if not word or word in ("#", "bare"):
            continue
        path, _, rest = rest.partition(" ")
        target = inside(root, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if word in ("fifo", "device", "link", "bytes", "zeros", "repeat") and os.path.lexists(target):
            target.unlink()
        RECIPES[word](root, target, rest)


def many(_root, folder, rest):
    count, suffix, text = rest.split(" ", 2)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(count)):
        (folder / f"{number}{suffix}").write_text(text.replace("@", str(number)) + "\n")


def repeat(_root, path, rest):
    count, text = rest.split(" ", 1)
    path.write_text("".join(text.replace("@", str(number)) + "\n" for number in range(int(count))))


def chain(root, path, rest):
    count, text = rest.split(" ", 1)
    for number in range(int(count)):
        following = "/" + str(path.relative_to(root)) + str(number + 1)
        path.with_name(path.name + str(number)).write_text(text.replace("@", following) + "\n")


def dated(_root, path, rest):
    path.write_text(re.sub(r"<(-?\d+)d>", lambda found: time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400 * int(found.group(1)))), rest))


def remove(_root, path, _rest):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


RECIPES = {
    "fifo": lambda _root, path, _rest: os.mkfifo(path, 0o644),
    "device": lambda _root, path, _rest: os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5)),  # zeros without end
    "link": lambda _root, path, rest: path.symlink_to(rest),
    "mode": lambda _root, path, rest: path.chmod(int(rest, 8)),
    "owner": lambda _root, path, rest: os.chown(path, int(rest), 0),
    "bytes": lambda _root, path, rest: path.write_bytes(rest.encode().decode("unicode_escape").encode("latin-1")),
    "zeros": lambda _root, path, rest: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644), int(rest)),
    "many": many, "repeat": repeat, "chain": chain, "remove": remove, "dated": dated,
}


def copy_over(source, root):
    if source.is_dir():
        shutil.copytree(source, root, symlinks=True, dirs_exist_ok=True)


def write_new(root, files):
    for name, text in files.items():
        path = root / name
        if not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def build(case, root):
    """Lays the tree at `root`, which is there and empty."""
    folder = DATA / case.family / case.name
    recipe = (folder / "recipe").read_text().splitlines() if (folder / "recipe").exists() else []
    if case.family == "hosts":
        if "bare" not in recipe:
            copy_over(BASE, root)
        copy_over(folder / "root", root)
    elif case.family in ("server_configs", "logging"):
        copy_over(folder / "root", root)
    else:
        copy_over(folder, root)
        FILL.get(case.family, lambda _root: None)(root)
    for path, folders, files in os.walk(root):
        for name in folders + files:
            one = os.path.join(path, name)
            os.chown(one, 0, 0, follow_symlinks=False)
            if not os.path.islink(one):
                os.chmod(one, 0o755 if os.path.isdir(one) else 0o644)
    for sudoers in [root / "etc/sudoers", *root.glob("etc/sudoers.d/*")]:
        if sudoers.is_file() and not sudoers.is_symlink():
            sudoers.chmod(0o440)
    if case.family == "ssh_mfa":
        modes_of_ssh_mfa(root)
    follow_recipe(root, recipe)


def fill_ssh_mfa(root):
    accounts = {"root": 0, "alice": 1000, "bob": 1001, "empty": 1002, "locked": 1003, "expired": 1004}
    homes = {"root": "/root"}
    files = {
        "etc/passwd": "".join(f"{name}:x:{uid}:{uid}::{homes.get(name, '/home/' + name)}:/bin/sh\n"
                              for name, uid in accounts.items()),
        "etc/group": "root:x:0:\nmfa:x:50:alice\n" + "".join(f"{name}:x:{uid}:\n" for name, uid in accounts.items() if uid),
        "etc/nsswitch.conf": "passwd: files\n",
        "etc/pam.d/other": "auth required pam_deny.so\naccount required pam_deny.so\n",
        "etc/pam.d/common-auth": "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
                                 "auth required pam_permit.so\n",
        "home/alice/.google_authenticator": "JBSWY3DPEHPK3PXP\n\" TOTP_AUTH\n",
    }
    if not (root / "no-shadow").exists():
        passwords = {"empty": "", "locked": "!$6$s$h"}
        files["etc/shadow"] = "".join(
            f"{name}:{passwords.get(name, '$6$s$h')}:19000:0:99999:7::{'19001' if name == 'expired' else ''}:\n"
            for name in accounts)
    if (root / "fifo").exists():
        (root / "etc/pam.d").mkdir(exist_ok=True)
        os.mkfifo(root / "etc/pam.d/sshd")
    elif not (root / "no-sshd-pam").exists():
        files["etc/pam.d/sshd"] = "@include common-auth\naccount required pam_unix.so\n"
    write_new(root, files)


def fill_sudoers(root):
    accounts = {"root": 0, "alice": 1000, "bob": 1001, "carol": 1002, "dave": 1003, "postgres": 110}
    write_new(root, {
        "etc/passwd": "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in accounts.items()),
        "etc/group": "root:x:0:\nsudo:x:27:bob\ndocker:x:999:dave\nops:x:1100:alice,carol\ntrusted:x:1200:dave\n"
                     + "".join(f"{name}:x:{uid}:\n" for name, uid in accounts.items() if uid),
        "etc/shadow": "".join(f"{name}:*:19000::::::\n" for name in accounts),
        "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 web1.example.org web1\n",
        "etc/hostname": "web1\n",
        "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\nsudoers: files\n",
    })


def modes_of_ssh_mfa(root):
    for name, mode in (("duo.conf", 0o600), ("duo-open.conf", 0o404)):
        if (root / "etc" / name).exists():
            (root / "etc" / name).chmod(mode)


FILL = {"ssh_mfa": fill_ssh_mfa, "sudoers": fill_sudoers}
