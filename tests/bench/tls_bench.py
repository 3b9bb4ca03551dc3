"""tom-agent's look at TLS endpoints against sslscan's, testssl.sh's and nmap's, on the same servers in the same run: CPU
time, connections and right answers. The agent always asks everything that its checks over TLS want to know (versions,
weak suites, forward secrecy, both kinds of certificate, DHE, ALPN, the default host); its own start and the reading of
the catalogue count. All servers are on loopback, in a network that nobody else uses."""
import dataclasses
import json
import multiprocessing
import pathlib
import shutil
import socket

import tls_tools
from tls_menagerie import NEW, menagerie, servers
from tls_tools import PEERS, agent_check, cpu_seconds, write_config

from certificates import Authority

NAMES = ["tls_cpu_vs_sslscan", "tls_versions_cpu_vs_sslscan", "tls_connections_per_endpoint",
         "tls_versions_connections_per_endpoint", "tls_right_answers_vs_sslscan", "tls_right_answers_vs_testssl",
         "tls_right_answers_vs_nmap", "tls_hard_cpu_vs_sslscan", "tls_hard_cpu_vs_testssl", "tls_hard_cpu_vs_nmap",
         "tls_hard_connections_vs_sslscan", "tls_hard_connections_vs_testssl", "tls_hard_connections_vs_nmap"]
OF_EACH_KIND = 12
EVERYTHING = "tls-certificate"  # its facts need every question that is asked of an endpoint
VERSIONS = "tls-minimum-version"
# What is left of sslscan when it is asked for versions alone.
VERSIONS_ALONE = ["--no-ciphersuites", "--no-groups", "--no-check-certificate", "--no-fallback", "--no-renegotiation",
                  "--no-compression", "--no-heartbleed"]


@dataclasses.dataclass
class Place:
    """Where it is measured."""
    bin_dir: pathlib.Path
    scratch: pathlib.Path
    ca_file: pathlib.Path
    quick: bool


class Relayed:
    """Connections that relays of ours make: they are in the kernel's count, and no tool's."""

    def __init__(self):
        self.count = 0
        self.connect = socket.create_connection

    def __enter__(self):
        def counted(*arguments, **options):
            self.count += 1
            return self.connect(*arguments, **options)

        socket.create_connection = counted
        return self

    def __exit__(self, *_):
        socket.create_connection = self.connect


def accepted():
    """Connections that servers of this network have accepted so far (RFC 4022, tcpPassiveOpens)."""
    lines = [line.split() for line in pathlib.Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")]
    return int(dict(zip(*lines))["PassiveOpens"])


def look(place, ports, check=EVERYTHING):
    config = place.scratch / "agent.yaml"
    write_config(config, place.ca_file, [(port, None) for port in ports])
    seconds, out = cpu_seconds(agent_check(place, config, check))
    verdicts = {row["subject"]: row["verdict"] for row in json.loads(out)["results"]}
    for port in ports:  # speed counts for nothing where the answer is wrong
        if verdicts.get(f"127.0.0.1:{port}") != "pass":
            raise RuntimeError(f"127.0.0.1:{port}: {verdicts.get(f'127.0.0.1:{port}')}, not pass")
    return seconds


def scan(place, ports, options=()):
    """One process for all of them, as the agent is one."""
    targets = place.scratch / "targets"
    targets.write_text("".join(f"127.0.0.1:{port}\n" for port in ports))
    seconds, out = cpu_seconds(["sslscan", "--no-colour", f"--sni-name={tls_tools.NAME}", *options, f"--targets={targets}"])
    if out.count("TLSv1.2   enabled") != len(ports) or out.count("TLSv1.3   enabled") != len(ports):
        raise RuntimeError(f"sslscan of {len(ports)} ports: {out[-300:]}")
    return seconds


def compare(name, value, unit, peer, yardstick, command):
    """`peer` None: it is not installed."""
    result = {"name": name, "value": round(value, 6), "unit": unit, "yardstick": yardstick}
    if peer is not None:
        result.update(yardstick_value=round(peer, 6), ratio=round(peer / value, 2) if value else None)
    return {**result, "command": command}


def cpu(context, place, ports):
    pairs = {"tls_cpu_vs_sslscan": (EVERYTHING, (), "sslscan, all its default tests"),
             "tls_versions_cpu_vs_sslscan": (VERSIONS, VERSIONS_ALONE, "sslscan " + " ".join(VERSIONS_ALONE))}
    rounds = 1 if context.quick else 3
    for name, (check, options, yardstick) in pairs.items():
        if not context.wants(name):
            continue
        look(place, ports, check)  # warms caches
        ours = min(look(place, ports, check) for _ in range(rounds)) / len(ports)
        peer = None
        if shutil.which("sslscan"):
            peer = min(scan(place, ports, options) for _ in range(rounds)) / len(ports)
        yield compare(name, ours, "CPU seconds per endpoint", peer,
                      f"{yardstick}; one process over the same servers" if peer else "sslscan is not installed",
                      f"tom-agent check --check {check} over {len(ports)} endpoints, half nginx, half openssl s_server")


def connections(context, place, zoo, port):
    pairs = {"tls_connections_per_endpoint": (EVERYTHING, (), "sslscan, all its default tests"),
             "tls_versions_connections_per_endpoint": (VERSIONS, VERSIONS_ALONE, "sslscan " + " ".join(VERSIONS_ALONE))}
    for name, (check, options, yardstick) in pairs.items():
        if not context.wants(name):
            continue
        counts = []
        for ask in (lambda relay: look(place, [relay], check), lambda relay: scan(place, [relay], options)):
            counter = []
            relay = zoo.odd(servers.counting(port, counter))
            if not counts or shutil.which("sslscan"):
                ask(relay)
                counts.append(len(counter))
        yield compare(name, counts[0], "connections", counts[1] if len(counts) > 1 else None,
                      yardstick if len(counts) > 1 else "sslscan is not installed",
                      f"tom-agent check --check {check} of an nginx of {NEW}, counted by a relay")


def ask_all(ask, place, endpoints):
    """(CPU seconds, connections, [what was wrong]) of a tool over all endpoints."""
    with Relayed() as relayed:
        before = accepted()
        seconds, seen = ask(endpoints, place)
        made = accepted() - before - relayed.count
    wrong = []
    for one in endpoints:
        if fault := tls_tools.wrong_about(one, seen.get(one.port, tls_tools.Seen())):
            wrong.append(f"{one.name}: {fault}")
    return seconds, made, wrong


def hard(context, place, endpoints):
    kinds = ("right_answers_vs", "hard_cpu_vs", "hard_connections_vs")
    peers = {tool: what for tool, what in PEERS.items() if any(context.wants(f"tls_{kind}_{tool}") for kind in kinds)}
    if not peers:
        return
    count = len(endpoints)
    seconds, made, wrong = ask_all(tls_tools.ask_agent, place, endpoints)
    if wrong:
        raise RuntimeError(f"tom-agent is wrong: {wrong}")
    for tool, (program, ask, how) in peers.items():
        command = f"{count} endpoints that are hard to judge (tests/bench/tls_menagerie.py); {tool}: {how}"
        if not shutil.which(program):
            for kind, value, unit in zip(kinds, (count, seconds / count, made / count), ("", "", "")):
                yield compare(f"tls_{kind}_{tool}", value, unit, None, f"{tool} is not installed", command)
            continue
        theirs, their_made, their_wrong = ask_all(ask, place, endpoints)
        right = count - len(their_wrong)
        yield {"name": f"tls_right_answers_vs_{tool}", "value": count, "unit": f"endpoints of {count}",
               "yardstick": f"{tool}; wrong: {'; '.join(their_wrong) or 'nothing'}", "yardstick_value": right,
               "ratio": round(count / right, 2) if right else None, "command": command}
        yield compare(f"tls_hard_cpu_vs_{tool}", seconds / count, "CPU seconds per endpoint", theirs / count, tool, command)
        yield compare(f"tls_hard_connections_vs_{tool}", made / count, "connections per endpoint", their_made / count, tool,
                      command)


def common(context, ca, place):
    """Two kinds of server that are everywhere, and nothing else in the network."""
    with servers.Zoo(place.scratch) as zoo:
        rsa, ec = ca.issue("rsa"), ca.issue("ec", key="ec:P-256")
        each = range(OF_EACH_KIND)  # with --quick too: with few of them the start of a process is measured
        ports = [zoo.nginx([ec if i % 2 else rsa], "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_ciphers ECDHE+AESGCM;")
                 for i in each]
        ports += [zoo.openssl(ec if i % 2 else rsa, "-no_tls1", "-no_tls1_1", "-cipher", "ECDHE+AESGCM") for i in each]
        zoo.start_nginx()
        servers.wait_for(ports)
        yield from cpu(context, place, ports)
        yield from connections(context, place, zoo, ports[0])


def measure(context):
    ca = Authority(context.scratch)
    place = Place(context.bin_dir, context.scratch, ca.root, context.quick)
    if any(context.wants(name) for name in NAMES[:4]):
        yield from common(context, ca, place)
    if any(context.wants(name) for name in NAMES[4:]):
        context.scratch.chmod(0o755)  # servers that give up their rights read their files here
        folder = context.scratch / "hard"
        folder.mkdir(mode=0o755)
        with servers.Zoo(folder) as zoo:
            endpoints = menagerie(zoo, ca)
            zoo.start_nginx()
            servers.wait_for(one.port for one in endpoints)
            yield from hard(context, place, endpoints)


def run(context):
    """In a child with a network of its own: what else listens on this machine would be asked too, by the agent alone."""
    receiver, sender = multiprocessing.Pipe(False)

    def child():
        servers.own_network()
        try:
            for result in measure(context):
                sender.send(result)
            sender.send(None)
        except Exception as error:
            sender.send(f"{type(error).__name__}: {error}")

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    sender.close()
    while (result := receiver.recv()) is not None:
        if isinstance(result, str):
            raise RuntimeError(result)
        yield result
    process.join()
