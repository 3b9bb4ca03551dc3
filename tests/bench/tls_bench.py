"""tom-agent's look at TLS endpoints against sslscan's, testssl.sh's and nmap's, on the same servers: cost, and which
versions each saw."""
import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/e2e/tls_zoo"))
import servers  # noqa: E402
from certificates import Authority  # noqa: E402

NAMES = ["tls_cpu_vs_sslscan", "tls_connections_per_endpoint", "tls_right_answers_vs_sslscan",
         "tls_right_answers_vs_testssl", "tls_right_answers_vs_nmap", "tls_cpu_vs_testssl", "tls_cpu_vs_nmap"]
VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
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


def ask_us(context, ca, port):
    config = context.scratch / "one.yaml"
    config.write_text(json.dumps({"endpoints": [{"host": "127.0.0.1", "port": port, "server_name": "a.example.org",
                                                 "ca_file": str(ca.root)}], "probe": {"max_per_second": 1000}}))
    seconds, done = cpu_seconds([context.bin_dir / "tom-agent", "query", "--config", config, "--format", "json",
                                 f"SELECT versions FROM tls_endpoints WHERE port = {port} AND source = 'declared'"])
    return seconds, set((json.loads(done.stdout)[0]["versions"] or "").split())


def ask_sslscan(_, __, port):
    seconds, done = cpu_seconds(["sslscan", "--no-colour", "--no-ciphersuites", "--sni-name=a.example.org",
                                 f"127.0.0.1:{port}"])
    return seconds, {version for version in VERSIONS if re.search(rf"^{re.escape(version)}\s+enabled", done.stdout, re.M)}


def ask_testssl(_, __, port):
    seconds, done = cpu_seconds([TESTSSL, "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "-p",
                                 f"a.example.org:{port}"])
    names = {version: version.replace("TLSv1.0", "TLSv1").replace("TLSv", "TLS ") for version in VERSIONS}
    return seconds, {version for version, name in names.items()
                     if re.search(rf"^ {re.escape(name)} +(?:offered|supported)", done.stdout, re.M)}


def ask_nmap(_, __, port):
    seconds, done = cpu_seconds(["nmap", "-Pn", "-n", "--script", "ssl-enum-ciphers,sslv2", "-p", port, "127.0.0.1"])
    return seconds, {version for version in VERSIONS if re.search(rf"^\|\s+{re.escape(version)}(?::| supported)", done.stdout, re.M)}


TESTSSL = shutil.which("testssl") or shutil.which("testssl.sh") or "testssl"
TOOLS = {"sslscan": ("sslscan", ask_sslscan), "testssl": (TESTSSL, ask_testssl), "nmap": ("nmap", ask_nmap)}


def menagerie(zoo, ca, good):
    """port -> what it is and the versions that it speaks."""
    old = ("-cipher", "DEFAULT@SECLEVEL=0")
    animals = {
        "nginx, new": (zoo.nginx([good], "ssl_protocols TLSv1.2 TLSv1.3;"), "TLSv1.2 TLSv1.3"),
        "nginx, old": (zoo.nginx([good], "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL@SECLEVEL=0;"),
                       "TLSv1.0 TLSv1.1 TLSv1.2"),
        "nginx, a client's certificate": (zoo.nginx([good], "ssl_protocols TLSv1.2;", "ssl_verify_client on;",
                                                    f"ssl_client_certificate {ca.root};"), "TLSv1.2"),
        "TLSv1.0": (zoo.openssl(good, "-tls1", *old), "TLSv1.0"),
        "TLSv1.3": (zoo.openssl(good, "-tls1_3"), "TLSv1.3"),
        "a hole": (zoo.openssl(good, "-no_tls1_1", "-no_tls1_2", *old), "TLSv1.0 TLSv1.3"),
        "anonymous": (zoo.openssl(good, "-tls1_2", "-cipher", "aNULL@SECLEVEL=0"), "TLSv1.2"),
        "SSLv3": (zoo.odd(lambda c: (servers.hello_of(c), c.sendall(servers.server_hello(0x0300, 5)))), "SSLv3"),
    }
    return {port: (name, set(versions.split())) for name, (port, versions) in animals.items()}


def answers(context, ca, animals, ask):
    """CPU seconds an endpoint, how many were right, and which were not."""
    spent, wrong = 0.0, []
    for port, (name, versions) in animals.items():
        seconds, seen = ask(context, ca, port)
        spent += seconds
        if seen != versions:
            wrong.append(f"{name}: {' '.join(sorted(seen)) or 'none'}")
    return spent / len(animals), len(animals) - len(wrong), wrong


def right_answers(context, zoo, ca, animals):
    ours, right, wrong = answers(context, ca, animals, ask_us)
    if wrong:
        raise RuntimeError(f"tom-agent is wrong: {wrong}")
    for tool, (program, ask) in TOOLS.items():
        wanted = [name for name in (f"tls_right_answers_vs_{tool}", f"tls_cpu_vs_{tool}") if context.wants(name)]
        if not wanted:
            continue
        common = {"command": f"versions of {len(animals)} endpoints, one run of either for each"}
        if not shutil.which(program):
            yield {"name": wanted[0], "value": right, "unit": "endpoints", "yardstick": f"{tool} is not installed", **common}
            continue
        theirs, their_right, their_wrong = answers(context, ca, animals, ask)
        if context.wants(f"tls_right_answers_vs_{tool}"):
            yield {"name": f"tls_right_answers_vs_{tool}", "value": right, "unit": f"endpoints of {len(animals)}",
                   "yardstick": f"{tool}; wrong: {'; '.join(their_wrong) or 'nothing'}", "yardstick_value": their_right,
                   "ratio": round(right / their_right, 2) if their_right else None, **common}
        if tool != "sslscan" and context.wants(f"tls_cpu_vs_{tool}"):
            yield {"name": f"tls_cpu_vs_{tool}", "value": round(ours, 6), "unit": "CPU seconds per endpoint",
                   "yardstick": f"{tool}, its look at versions alone" if tool == "testssl" else
                   "nmap, ssl-enum-ciphers and sslv2", "yardstick_value": round(theirs, 6),
                   "ratio": round(theirs / ours, 2) if ours else None, **common}


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
        animals = menagerie(zoo, ca, rsa)
        zoo.start_nginx()
        servers.wait_for([*ports, *animals])
        if context.wants("tls_cpu_vs_sslscan"):
            yield cpu(context, ca, ports)
        if context.wants("tls_connections_per_endpoint"):
            yield connections(context, zoo, ca, ports[0])
        if any(context.wants(name) for name in NAMES[2:]):
            yield from right_answers(context, zoo, ca, animals)
