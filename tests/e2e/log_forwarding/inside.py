"""Inside namespaces of its own (mounts, network, processes): starts the real rsyslogd over a tree's configuration, gives
it a message of every facility and severity, and writes down which of them left, and how.
usage: inside.py SCRATCH SECONDS      SCRATCH: tree/, tls/; SECONDS to wait for a first message
Writes SCRATCH/answers.json: {"started": bool, "checked": exit status of -N1, "left": {"F.S": ["plain", "tls"]}}"""
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import receiver  # noqa: E402

SHARED = ("passwd", "group", "nsswitch.conf", "services", "protocols", "ld.so.cache", "localtime", "ssl")
NAMES = ("logs.example.org", "other.example.org", "relp.example.org")
QUIET = 1.5  # seconds without anything new: rsyslogd has nothing left to send


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def lay(scratch):
    etc = scratch / "etc"
    etc.mkdir()
    for name in SHARED:
        path = pathlib.Path("/etc") / name
        if path.is_dir():
            shutil.copytree(path, etc / name, symlinks=True)  # some of the machine's own lead nowhere
        else:
            shutil.copy2(path, etc / name)
    if (scratch / "tree/etc").is_dir():
        shutil.copytree(scratch / "tree/etc", etc, symlinks=True, dirs_exist_ok=True)
    # The receiver's real authority in place of the tree's, where the tree has one.
    for path in (etc / "tls").glob("*") if (etc / "tls").is_dir() else ():
        if (scratch / "tls" / path.name).exists():
            shutil.copy2(scratch / "tls" / path.name, path)
    (etc / "hosts").write_text("127.0.0.1 localhost\n" + "".join(f"192.0.2.{i + 1} {name}\n"
                                                                for i, name in enumerate(NAMES)))
    mount("--bind", etc, "/etc")
    for path in ("/run", "/var/log", "/var/spool", "/var/lib"):
        mount("-t", "tmpfs", "none", path)
    pathlib.Path("/var/spool/rsyslog").mkdir()
    device = scratch / "dev"
    device.mkdir()
    for name in ("null", "zero", "random", "urandom"):
        (device / name).touch()
        mount("--bind", f"/dev/{name}", device / name)
    mount("--rbind", device, "/dev")
    (scratch / "kmsg").touch()
    mount("--bind", scratch / "kmsg", "/proc/kmsg")


def network():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for number in range(1, 10):
        subprocess.run(["ip", "address", "add", f"192.0.2.{number}/32", "dev", "lo"], check=True)


def inject():
    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    patience = time.monotonic() + 3
    while True:
        try:
            one.connect("/dev/log")
            break
        except OSError:
            if time.monotonic() > patience:
                return False
            time.sleep(0.05)
    for facility in range(24):
        for severity in range(8):
            text = f"<{facility * 8 + severity}>Nov 22 12:00:00 probe: [marker-{facility}-{severity}] of a test"
            try:
                one.send(text.encode())
            except OSError:
                return False  # it ended
    return True


def settle(arrived, patience):
    """Waits until nothing more comes; for the first message longer."""
    begin = quiet = time.monotonic()
    seen = 0
    while time.monotonic() < begin + 15 and time.monotonic() - quiet < (QUIET if seen else patience):
        if len(arrived) != seen:
            seen, quiet = len(arrived), time.monotonic()
        time.sleep(0.05)


def main():
    scratch = pathlib.Path(sys.argv[1])
    lay(scratch)
    network()
    listener = receiver.Receiver(scratch / "tls/both.pem")
    checked = subprocess.run(["/usr/sbin/rsyslogd", "-N1"], capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
    server = subprocess.Popen(["/usr/sbin/rsyslogd", "-n", "-iNONE"], stdin=subprocess.DEVNULL)
    taken = inject()
    settle(listener.arrived, float(sys.argv[2]))
    started = server.poll() is None
    server.kill()
    left = {}
    for text, way in list(listener.arrived):
        for part in text.split("[marker-")[1:]:
            facility, severity = part.split("]", 1)[0].split("-")
            left.setdefault(f"{facility}.{severity}", set()).add(way)
    (scratch / "answers.json").write_text(json.dumps({
        "started": started, "taken": taken, "checked": checked.returncode, "words": checked.stderr[-2000:].decode(errors="replace"),
        "left": {key: sorted(ways) for key, ways in left.items()}}))


main()
