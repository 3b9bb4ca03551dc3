"""What a connection costs the collector: held open, and made anew."""
import shutil
import socket
import ssl
import subprocess
import time

from agent_bench import cpu_ticks, TICKS
from installation import Installation
from measure import result, rollup_kib, tree

NAMES = ["held_connection_kib", "reconnect_storm_vs_handshakes"]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # an empty SETTINGS frame (RFC 9113)


def client(ca):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.load_verify_locations(ca)
    tls.check_hostname = False
    tls.set_alpn_protocols(["h2"])
    return tls


def connect(tls, port, http2=True):
    connection = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), 20))
    if http2:
        connection.sendall(PREFACE)
        if len(connection.recv(9)) < 9:  # the server's own SETTINGS: it has accepted this connection
            raise RuntimeError("the collector ended the connection")
    return connection


def held(context, installation, tls):
    count = 100 if context.quick else 500
    ours = growth(installation.collector.pid, tls, installation.port, count)
    yardstick = ("nginx is not installed", None)
    server, port = nginx_server(context, count)
    if server:
        yardstick = ("nginx, the same connections (TLS 1.3, HTTP/2)",
                     growth(server.pid, client(context.scratch / "peer.pem"), port, count))
        stop(server)
    return result("held_connection_kib", (ours, "KiB of PSS for an idle connection (TLS 1.3, HTTP/2)"), yardstick,
                  f"{count} connections held open")


def growth(pid, tls, port, count):
    """KiB a connection, of the process and its children."""
    connect(tls, port).close()
    time.sleep(1)
    before = sum(rollup_kib(one, {"Pss"}) for one in tree(pid))
    connections = [connect(tls, port) for _ in range(count)]
    time.sleep(1)
    after = sum(rollup_kib(one, {"Pss"}) for one in tree(pid))
    for connection in connections:
        connection.close()
    return (after - before) / count


def certificate(context):
    """Files of a P-256 key and its certificate, as the collector has them."""
    key, pem = context.scratch / "peer.key", context.scratch / "peer.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=127.0.0.1", "-days", "2", "-keyout", key, "-out", pem], check=True, stderr=subprocess.DEVNULL)
    return key, pem


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def started(server, port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    stop(server)
    raise RuntimeError(f"{server.args[0]} does not listen")


def openssl_server(context):
    if not shutil.which("openssl"):
        return None, 0
    (key, pem), port = certificate(context), free_port()
    server = subprocess.Popen(["openssl", "s_server", "-quiet", "-tls1_3", "-accept", f"127.0.0.1:{port}", "-key", key,
                               "-cert", pem], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    return started(server, port)


def nginx_server(context, connections):
    if not shutil.which("nginx"):
        return None, 0
    (key, pem), port, config = certificate(context), free_port(), context.scratch / "peer.conf"
    config.write_text(f"daemon off; pid {context.scratch}/peer.pid; error_log stderr; worker_processes 1;\n"
                      f"worker_rlimit_nofile {connections * 2 + 100};\n"
                      f"events {{ worker_connections {connections + 50}; }}\n"
                      f"http {{ access_log off; server {{ listen 127.0.0.1:{port} ssl http2; ssl_protocols TLSv1.3;\n"
                      f"ssl_certificate {pem}; ssl_certificate_key {key}; }} }}\n")
    return started(subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL), port)


def stop(server):
    server.terminate()
    server.wait()


def cpu_of_handshakes(pid, tls, port, count, http2):
    before = cpu_ticks([pid])
    for _ in range(count):
        connect(tls, port, http2).close()
    time.sleep(0.5)
    return (cpu_ticks([pid]) - before) / TICKS / count


def storm(context, installation, tls):
    count = 200 if context.quick else 1000
    connect(tls, installation.port).close()
    ours = cpu_of_handshakes(installation.collector.pid, tls, installation.port, count, True)
    server, port = openssl_server(context)
    yardstick = ("openssl is not installed", None)
    if server:
        plain = client(context.scratch / "peer.pem")
        yardstick = ("openssl s_server, TLS 1.3, P-256: the handshake alone",
                     cpu_of_handshakes(server.pid, plain, port, count, False))
        stop(server)
    return result("reconnect_storm_vs_handshakes", (ours, "CPU seconds of the collector for a new connection"), yardstick,
                  f"{count} connections, one after the other, the server's CPU counted")


def run(context):
    with Installation(context) as installation:
        tls = client(installation.dir / "operator/ca.pem")
        if context.wants("held_connection_kib"):
            yield held(context, installation, tls)
        if context.wants("reconnect_storm_vs_handshakes"):
            yield storm(context, installation, tls)
