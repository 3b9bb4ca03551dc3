"""tom-agent's look at TLS endpoints against sslscan's, on the same servers."""
import json
import pathlib
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/e2e/tls_zoo"))
import servers  # noqa: E402
from certificates import Authority  # noqa: E402

NAMES = ["tls_cpu_vs_sslscan", "tls_connections_per_endpoint"]
ENDPOINTS = 20
CHECK = "tls-certificate"  # its facts need every question that is asked of an endpoint


def cpu_seconds(command):
    """User and system time of the command and all its children; its status must say that it worked."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), done


def look(context, ca, ports):
    config = context.scratch / "agent.yaml"
    endpoints = [{"host": "127.0.0.1", "port": port, "server_name": "a.example.org", "ca_file": str(ca.root)}
                 for port in ports]
    config.write_text(json.dumps({"endpoints": endpoints, "probe": {"max_per_second": 1000}}))
    command = [context.bin_dir / "tom-agent", "check", "--config", config, "--checks", ROOT / "checks", "--check", CHECK,
               "--format", "json"]
    seconds, done = cpu_seconds(command)
    verdicts = {row["subject"]: row["verdict"] for row in json.loads(done.stdout)["results"]}
    for port in ports:  # speed counts for nothing where the answer is wrong
        if verdicts.get(f"127.0.0.1:{port}") != "pass":
            raise RuntimeError(f"127.0.0.1:{port}: {verdicts.get(f'127.0.0.1:{port}')}, not pass")
    return seconds


def scan(ports):
    seconds = 0.0
    for port in ports:
        one, done = cpu_seconds(["sslscan", "--no-colour", "--sni-name=a.example.org", f"127.0.0.1:{port}"])
        if "TLSv1.2   enabled" not in done.stdout:
            raise RuntimeError(f"sslscan of port {port}: {done.stdout[-300:]}{done.stderr[-300:]}")
        seconds += one
    return seconds


def compare(name, value, unit, peer, command):
    result = {"name": name, "value": round(value, 6), "unit": unit}
    if peer is None:
        result["yardstick"] = "sslscan is not installed"
    else:
        result.update(yardstick="sslscan, all its default tests, on the same servers", yardstick_value=round(peer, 6),
                      ratio=round(peer / value, 2) if value else None)
    result["command"] = command
    return result


def cpu(context, ca, ports):
    look(context, ca, ports)  # warms caches
    rounds = 1 if context.quick else 3
    ours = min(look(context, ca, ports) for _ in range(rounds)) / len(ports)
    peer = None
    if shutil.which("sslscan"):
        peer = min(scan(ports) for _ in range(rounds)) / len(ports)
    return compare("tls_cpu_vs_sslscan", ours, "CPU seconds per endpoint", peer,
                   f"tom-agent check --check {CHECK} over {len(ports)} endpoints; sslscan for each")


def connections(context, zoo, ca, port):
    counts = []
    for measure in (lambda relay: look(context, ca, [relay]), lambda relay: scan([relay])):
        counter = []
        relay = zoo.odd(servers.counting(port, counter))
        if counts and not shutil.which("sslscan"):
            return compare("tls_connections_per_endpoint", counts[0], "connections", None, "counted by a relay")
        measure(relay)
        counts.append(len(counter))
    return compare("tls_connections_per_endpoint", counts[0], "connections", counts[1], "counted by a relay")


def run(context):
    ca = Authority(context.scratch)
    with servers.Zoo(context.scratch) as zoo:
        rsa, ec = ca.issue("rsa"), ca.issue("ec", key="ec:P-256")
        ports = [zoo.nginx([ec if i % 2 else rsa], "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_ciphers ECDHE+AESGCM;")
                 for i in range(4 if context.quick else ENDPOINTS)]
        zoo.start_nginx()
        servers.wait_for(ports)
        if context.wants("tls_cpu_vs_sslscan"):
            yield cpu(context, ca, ports)
        if context.wants("tls_connections_per_endpoint"):
            yield connections(context, zoo, ca, ports[0])
