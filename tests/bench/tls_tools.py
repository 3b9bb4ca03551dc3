"""How tom-agent and its peers are asked about endpoints, and what they said. Each ask_*(endpoints, context) gives
(CPU seconds, {port: Seen}); each as its manual has one do it for this question."""
import dataclasses
import json
import os
import re
import resource
import shutil
import signal
import subprocess

from tls_menagerie import NAME, ROOT

VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
POOR_SUITE = re.compile(r"NULL|anon|ADH|AECDH|EXP|RC2|RC4|DES|IDEA")
TESTSSL = shutil.which("testssl") or shutil.which("testssl.sh") or "testssl"


@dataclasses.dataclass
class Seen:
    versions: set = dataclasses.field(default_factory=set)
    weak: bool = False
    names: set = dataclasses.field(default_factory=set)


def cpu_seconds(command, timeout=300):
    """User and system time of the command and all its children; what it printed. One that does not end is killed with
    its children, which would keep the pipe open, and has said nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True, errors="replace", stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        out = child.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        out = ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), out


def write_config(path, ca_file, endpoints):
    """`endpoints`: (port, STARTTLS or None)."""
    lines = []
    for port, starttls in endpoints:
        one = {"host": "127.0.0.1", "port": port, "server_name": NAME, "ca_file": str(ca_file)}
        lines.append({**one, "starttls": starttls} if starttls else one)
    path.write_text(json.dumps({"endpoints": lines, "probe": {"max_per_second": 1000}}))


def ask_agent(endpoints, context):
    config = context.scratch / "menagerie.yaml"
    write_config(config, context.ca_file, [(one.port, one.starttls) for one in endpoints])
    query = ("SELECT e.port, e.versions, e.weak_ciphers, group_concat(c.names, ' ') AS names FROM tls_endpoints e "
             "LEFT JOIN tls_certificates c ON c.host = e.host AND c.port = e.port AND c.source = 'declared' "
             "WHERE e.source = 'declared' GROUP BY e.port")
    seconds, out = cpu_seconds([context.bin_dir / "tom-agent", "query", "--config", config, "--format", "json", query])
    seen = {}
    for row in json.loads(out):
        names = set(re.findall(r"DNS:([^\s,]+)", row["names"] or "")) or set((row["names"] or "").split())
        seen[int(row["port"])] = Seen(set((row["versions"] or "").split()), bool(row["weak_ciphers"]), names)
    return seconds, seen


SSLSCAN_STARTTLS = {"postgres": "psql"}


def ask_sslscan(endpoints, context):
    total, seen = 0.0, {}
    for one in endpoints:
        through = [f"--starttls-{SSLSCAN_STARTTLS.get(one.starttls, one.starttls)}"] if one.starttls else []
        seconds, out = cpu_seconds(["sslscan", "--no-colour", f"--sni-name={NAME}", *through, f"127.0.0.1:{one.port}"])
        total += seconds
        suites = re.findall(r"^(?:Preferred|Accepted)\s+\S+\s+\d+ bits\s+(\S+)", out, re.M)
        names = re.findall(r"DNS:([^\s,]+)", "\n".join(re.findall(r"^Altnames:.*", out, re.M)))
        seen[one.port] = Seen({v for v in VERSIONS if re.search(rf"^{re.escape(v)}\s+enabled", out, re.M)},
                              any(POOR_SUITE.search(suite) for suite in suites), set(names))
    return total, seen


def ask_testssl(endpoints, context):
    names = {version: version.replace("TLSv1.0", "TLSv1").replace("TLSv", "TLS ") for version in VERSIONS}
    weak = r"^ (?:NULL ciphers|Anonymous NULL|Export ciphers|LOW:|Triple DES)[^\n]*? {2,}offered"
    total, seen = 0.0, {}
    for one in endpoints:
        command = [TESTSSL, "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "-p"]
        command += ["-s"] if one.weak is not None else []
        command += ["-S"] if one.names is not None else []
        command += ["-t", one.starttls] if one.starttls else []
        seconds, out = cpu_seconds([*command, f"{NAME}:{one.port}"])
        total += seconds
        found = {v for v, name in names.items() if re.search(rf"^ {re.escape(name)} +(?:offered|supported)", out, re.M)}
        altnames = " ".join(re.findall(r"subjectAltName \(SAN\)\s+(.+)", out)).split()
        seen[one.port] = Seen(found, bool(re.search(weak, out, re.M)), {name for name in altnames if "." in name})
    return total, seen


def ask_nmap(endpoints, context):
    """One run for all ports; it has to find out by itself which of them begin in the clear."""
    ports = ",".join(str(one.port) for one in endpoints)
    seconds, out = cpu_seconds(["nmap", "-Pn", "-n", "-sV", "--script", "ssl-enum-ciphers,sslv2,ssl-cert", "--script-args",
                                f"tls.servername={NAME}", "-p", ports, "127.0.0.1"], 900)
    seen = {}
    for part in re.split(r"^(?=\d+/tcp )", out, flags=re.M)[1:]:
        found = {v for v in VERSIONS if re.search(rf"^\|[ _]+{re.escape(v)}(?::| supported)", part, re.M)}
        suites = re.findall(r"\b((?:TLS|SSL)_\w+)", part)
        names = re.findall(r"DNS:([^\s,]+)", "\n".join(re.findall(r"Subject Alternative Name:.*", part)))
        weak = any(re.search(r"WITH_NULL|anon|EXPORT|RC2|RC4|DES|IDEA", suite) for suite in suites)
        seen[int(part.split("/")[0])] = Seen(found, weak, set(names))
    return seconds, seen


# tool -> its program, how it is asked, what is asked of it
PEERS = {
    "sslscan": ("sslscan", ask_sslscan, "all its default tests, a run for each"),
    "testssl": (TESTSSL, ask_testssl, "-p, -s and, where two certificates are asked for, -S; a run for each"),
    "nmap": ("nmap", ask_nmap, "-sV with ssl-enum-ciphers, sslv2 and ssl-cert, one run for all"),
}


def wrong_about(endpoint, seen):
    """What is not as it is; empty = all is right."""
    wrong = []
    if seen.versions != set(endpoint.versions.split()):
        wrong.append(f"{' '.join(sorted(seen.versions)) or 'no version'} for {endpoint.versions or 'none'}")
    if endpoint.weak is not None and seen.weak != endpoint.weak:
        wrong.append("a weak suite not seen" if endpoint.weak else "a weak suite that is not there")
    if endpoint.names is not None and seen.names != set(endpoint.names):
        wrong.append(f"certificates for {' '.join(sorted(seen.names)) or 'nobody'} alone")
    return ", ".join(wrong)


def agent_check(context, config, check):
    return [context.bin_dir / "tom-agent", "check", "--config", config, "--checks", ROOT / "checks", "--check", check,
            "--format", "json"]
