"""Inside namespaces of its own (mounts, network): lays the tree's /etc over the system's, starts the real server, asks it.
usage: inside.py SCRATCH SERVER [MORE...]    SCRATCH: tree/, rows.json, tls/, data/ (of a database)
Writes SCRATCH/answers.json: {"started": bool, "rows": [{"oldest", "plain"}]}."""
import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import asks  # noqa: E402
import daemons  # noqa: E402

# What programs need of /etc beside the tree's.
SHARED = ("passwd", "group", "shadow", "nsswitch.conf", "hosts", "services", "protocols", "ld.so.cache", "mime.types",
          "login.defs", "localtime", "alternatives")
# The library lets everything in, so that what decides is the server's own configuration.
LENIENT = """openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = sys
[sys]
CipherString = ALL:@SECLEVEL=0
"""
DATA = {"postgres": "/var/lib/postgresql/15/main", "mysql": "/var/lib/mysql"}


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def lay(scratch, server):
    etc = scratch / "etc"
    etc.mkdir()
    for name in SHARED:
        path = pathlib.Path("/etc") / name
        if path.is_dir():
            shutil.copytree(path, etc / name, symlinks=True)
        elif path.exists():
            shutil.copy2(path, etc / name)
    (etc / "ssl").mkdir()
    (etc / "ssl/openssl.cnf").write_text(LENIENT)
    shutil.copytree(scratch / "tls", etc / "tls")
    if server == "postfix":
        shutil.copytree("/etc/postfix", etc / "postfix", ignore=shutil.ignore_patterns("main.cf", "master.cf"))
    shutil.copytree(scratch / "tree/etc", etc, symlinks=True, dirs_exist_ok=True)
    mount("--bind", etc, "/etc")
    for path in ("/run", "/var/log", "/var/lib", "/var/spool"):
        mount("-t", "tmpfs", "none", path)
    if server in DATA:
        pathlib.Path(DATA[server]).mkdir(parents=True)
        subprocess.run(["cp", "-a", f"{scratch}/data/.", DATA[server]], check=True)
    for path, owner in (("/var/spool/postfix", "root"), ("/var/lib/postfix", "postfix"), ("/var/lib/nginx", "root"),
                        ("/var/log/nginx", "root"), ("/var/lib/dovecot", "root")):
        pathlib.Path(path).mkdir()
        shutil.chown(path, owner)


def network():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in ("192.0.2.1/32", "203.0.113.7/32", "10.1.2.3/32", "fd00::7/128"):
        subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=":" not in address)


def comes_up(server, ways):
    """Whether it listens before it ends. A server without a row listens nowhere that matters: whether it stays."""
    patience = time.monotonic() + (30 if ways else 2)
    waited = {(way["host"], way["port"]) for way in ways}
    while time.monotonic() < patience:
        if server.poll() is not None:
            return False
        for one in list(waited):
            try:
                asks.connect(*one).close()
                waited.remove(one)
            except OSError:
                pass
        if ways and not waited:
            time.sleep(0.3)  # one that listens first and reads on may still refuse
            return server.poll() is None
        time.sleep(0.05)
    return not waited


def main():
    scratch, server, more = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    rows = json.loads((scratch / "rows.json").read_text())
    lay(scratch, server)
    network()
    with open(scratch / "log", "wb") as log:
        child, ways = daemons.SERVERS[server](rows, log, scratch, *([more] if more else []))
    answers = {"started": comes_up(child, ways), "rows": []}
    if answers["started"]:
        for way in ways:
            plain = way["plain"](way["host"], way["port"]) if "plain" in way else None
            answers["rows"].append({"plain": plain, "oldest": asks.oldest(way["host"], way["port"], way.get("name"),
                                                                          way.get("starttls"))})
    (scratch / "answers.json").write_text(json.dumps(answers))
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    main()
