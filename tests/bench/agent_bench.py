"""The resident agent between two cycles, against nginx without requests: both only wait. And whether it stays as it was
over a thousand cycles."""
import json
import pathlib
import re
import shutil
import subprocess
import time

from installation import Installation
from measure import result, rollup_kib, tree

ROOT = pathlib.Path(__file__).resolve().parents[2]
IDLE = ["agent_idle_private_mib", "agent_idle_cpu_seconds_per_minute"]
FLAT = ["agent_private_kib_after_1000_cycles", "agent_spool_kib_after_1000_cycles"]
NAMES = IDLE + FLAT
PRIVATE = {"Private_Clean", "Private_Dirty"}
TICKS = 100  # a second, USER_HZ of every Linux


def cpu_ticks(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:15])  # utime stime cutime cstime
    return total


def private_mib(pid):
    return sum(rollup_kib(one, PRIVATE) for one in tree(pid)) / 1024


def wait_until_idle(installation, agent):
    """The first cycle is over when the state names a report and no child is left for five seconds."""
    quiet = 0
    for _ in range(1200):
        if agent.poll() is not None:
            raise RuntimeError("tom-agent run ended")
        reported = '"seq"' in installation.run("tom-agent", "status", "--format", "json", may_be=(0, 2, 3))
        quiet = quiet + 1 if reported and len(tree(agent.pid)) == 1 else 0
        if quiet >= 10:
            return
        time.sleep(0.5)
    raise RuntimeError("tom-agent run did not come to rest")


def idle_cpu(pid, seconds):
    """CPU seconds a minute, in the first stretch in which no cycle ran."""
    for _ in range(4):
        pids, before = tree(pid), cpu_ticks(tree(pid))
        children = False
        for _ in range(seconds):
            time.sleep(1)
            children = children or tree(pid) != pids
        if not children:
            return (cpu_ticks(pids) - before) / TICKS * 60 / seconds
    raise RuntimeError("the agent is never idle")


def nginx(context):
    if not shutil.which("nginx"):
        return None
    config = context.scratch / "nginx.conf"
    config.write_text(f"daemon off; pid {context.scratch}/nginx.pid; error_log stderr; worker_processes 1;\n"
                      "events {} http { access_log off; server { listen unix:" f"{context.scratch}/nginx.sock;" " } }\n")
    process = subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    time.sleep(2)
    return process


def few_checks(folder):
    """Two checks over local files, every quarter of an hour: a cycle is mostly the agent's own work."""
    shutil.copytree(ROOT / "checks", folder, ignore=lambda _, names: [
        name for name in names if name.endswith((".cc", ".h", ".txt"))])
    for path in (folder / "measures").glob("*/*.yaml"):
        if path.stem in ("single-uid-zero", "passwords-not-empty"):
            path.write_text(re.sub(r"^interval: .*$", "interval: 15m", path.read_text(), flags=re.MULTILINE))
        elif path.name != "measure.yaml":
            path.unlink()
    return folder


def seq(installation):
    """Of the last report that the agent has made; 0 before the first."""
    status = json.loads(installation.run("tom-agent", "status", "--format", "json", may_be=(0, 2, 3)))
    return int(re.search(r'"seq": ?"?(\d+)', json.dumps(status))[1]) if '"seq"' in json.dumps(status) else 0


def spool_kib(installation):
    return sum(path.stat().st_size for path in (installation.dir / "agent").rglob("*") if path.is_file()) / 1024


def flat(context):
    """Private memory and state after the first tenth of the cycles, and after all of them."""
    cycles = 200 if context.quick else 1000
    checks = few_checks(context.scratch / "few-checks")
    with Installation(context, checks, "flat") as installation:
        agent = installation.start("tom-agent", "run", "--config", installation.config, "--clock-scale", "9000")
        seen = {}
        for wanted in (cycles // 10, cycles):
            while seq(installation) < wanted:
                if agent.poll() is not None:
                    raise RuntimeError("tom-agent run ended")
                time.sleep(0.5)
            seen[wanted] = (rollup_kib(agent.pid, PRIVATE), spool_kib(installation))  # without a running cycle
        for name, place, unit in zip(FLAT, (0, 1), ("KiB private", "KiB of files in the agent's state")):
            if context.wants(name):
                yield result(name, (seen[cycles][place], unit), (f"the same after {cycles // 10} cycles",
                                                                seen[cycles // 10][place]),
                             f"tom-agent run --clock-scale 9000, {cycles} cycles of two checks")


def run(context):
    if any(context.wants(name) for name in FLAT):
        yield from flat(context)
    if any(context.wants(name) for name in IDLE):
        yield from idle(context)


def idle(context):
    seconds = 20 if context.quick else 60
    with Installation(context) as installation:
        agent = installation.start("tom-agent", "run", "--config", installation.config)
        peer = nginx(context)
        try:
            wait_until_idle(installation, agent)
            what = "nginx, master and one worker, without requests" if peer else "nginx is not installed"
            if context.wants("agent_idle_private_mib"):
                yield result("agent_idle_private_mib", (private_mib(agent.pid), "MiB private, clean and dirty"),
                             (what, private_mib(peer.pid) if peer else None), "tom-agent run, after its first cycle")
            if context.wants("agent_idle_cpu_seconds_per_minute"):
                yield result("agent_idle_cpu_seconds_per_minute", (idle_cpu(agent.pid, seconds), "CPU seconds a minute"),
                             (what, idle_cpu(peer.pid, 5) if peer else None), f"tom-agent run, {seconds} s between two cycles")
        finally:
            if peer:
                peer.terminate()
                peer.wait()
