"""Servers of the zoo: real ones (nginx, openssl s_server) as children, odd ones as threads. All on 127.0.0.1, on ports
that the kernel chose."""
import contextlib
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import threading
import time


# Below those that the kernel hands out by itself, and each once: it may take long until the server binds it.
PORTS = iter(range(20000 + os.getpid() % 5000, 32000))


def free_port():
    for port in PORTS:
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port is left")


class Zoo:
    """Stops everything when it is left."""

    def __init__(self, folder):
        self.folder = folder
        self.children = []
        self.listeners = []
        self.nginx_servers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for listener in self.listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def start(self, *arguments, log):
        with open(self.folder / log, "wb") as out:
            self.children.append(subprocess.Popen(list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=out,
                                                  stderr=out))

    def openssl(self, certificate, *options):
        port = free_port()
        chain, key = certificate
        self.start("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", chain, "-cert_chain", chain, "-key",
                   key, "-quiet", *options, log=f"s_server-{port}.log")
        return port

    def nginx(self, certificates, *directives):
        """Adds a server to the one nginx; start_nginx() starts it."""
        port = free_port()
        lines = [f"listen 127.0.0.1:{port} ssl;"]
        for chain, key in certificates:
            lines += [f"ssl_certificate {chain};", f"ssl_certificate_key {key};"]
        self.nginx_servers.append("server {" + " ".join(lines + list(directives)) + "}")
        return port

    def start_nginx(self):
        config = self.folder / "nginx.conf"
        scratch = self.folder / "nginx"
        scratch.mkdir()
        paths = "".join(f"{kind}_temp_path {scratch}/{kind};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config.write_text(f"daemon off; pid {scratch}/pid; error_log {scratch}/error.log; worker_processes 1;\n"
                          f"{'user root;' if os.geteuid() == 0 else ''}\n"
                          "events {worker_connections 200;}\n"
                          f"http {{access_log off; {paths}\n" + "\n".join(self.nginx_servers) + "\n}\n")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.start(program, "-p", scratch, "-e", scratch / "error.log", "-c", config, log="nginx.log")

    def odd(self, serve):
        """A listener whose every connection is given to serve(connection), in a thread of its own."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        self.listeners.append(listener)

        def guard(connection):
            with connection, contextlib.suppress(OSError):
                connection.settimeout(30)
                serve(connection)

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=guard, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1]


def own_network():
    """A network of this process and its children alone, so that nobody else's listeners are looked at, and nobody else
    knocks here. Without the right to have one, the host's."""
    new_network = 0x40000000  # CLONE_NEWNET
    if ctypes.CDLL(None, use_errno=True).unshare(new_network) != 0:
        return
    with socket.socket() as one:
        up = struct.pack("16sh14x", b"lo", 0x1)  # IFF_UP
        fcntl.ioctl(one, 0x8914, up)  # SIOCSIFFLAGS


def wait_for(ports, host="127.0.0.1", seconds=30):
    """Looks into the kernel's list, so that nobody is connected to."""
    wanted = set(ports)
    for _ in range(seconds * 10):
        wanted -= listening()
        if not wanted:
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {host}, port {sorted(wanted)}")


def listening():
    ports = set()
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open("/proc/net/" + name) as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[3] == "0A":
                    ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return ports


# ---- odd servers -----------------------------------------------------------------------------------------------------

def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hello_of(connection):
    return connection.recv(4096)


def server_hello(version, suite=0x002F):
    body = struct.pack(">H", version) + b"\1" * 32 + b"\0" + struct.pack(">HB", suite, 0)
    message = b"\2" + struct.pack(">I", len(body))[1:] + body
    return b"\x16" + struct.pack(">HH", version, len(message)) + message


def ssl2_hello(connection):
    certificate, ciphers, identity = b"\1" * 100, b"\x07\x00\xc0", b"\2" * 16
    body = b"\4\0\1\0\2" + struct.pack(">HHH", len(certificate), len(ciphers), len(identity))
    body += certificate + ciphers + identity
    connection.sendall(struct.pack(">H", 0x8000 | len(body)) + body)


def plain_http(connection):
    hello_of(connection)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def ssh_banner(connection):
    connection.sendall(b"SSH-2.0-Zoo\r\n")
    hello_of(connection)


def silent(connection):
    time.sleep(30)


def drip(connection):
    for byte in server_hello(0x0303):
        connection.sendall(bytes([byte]))
        time.sleep(1)


def flood_rubbish(connection):
    while True:
        connection.sendall(b"\0" * 65536)


def flood_tls(connection):
    """Warnings without end, each of them a record as TLS has it."""
    while True:
        connection.sendall(b"\x15\x03\x03\0\2\1\x5a" * 5000)


def huge_message(connection):
    """A ServerHello that says it has 16 MiB."""
    connection.sendall(b"\x16\x03\x03\x40\0\2\xff\xff\xff" + b"\0" * 16380)
    while True:
        connection.sendall(b"\x16\x03\x03\x40\0" + b"\0" * 16384)


def closes_at_once(connection):
    pass


def slow(port, seconds):
    """A relay that takes its time."""
    def serve(connection):
        time.sleep(seconds)
        with socket.create_connection(("127.0.0.1", port)) as server:
            relay(connection, server)
    return serve


def closes(connection):
    hello_of(connection)


def resets(connection):
    hello_of(connection)
    reset(connection)


def relay(one, other):
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    there = threading.Thread(target=pump, args=(one, other), daemon=True)
    there.start()
    pump(other, one)
    there.join()


def before(port, old):
    """A relay to `port` that treats hellos below TLSv1.2 by old(connection, version), version 2 being SSLv2."""
    def serve(connection):
        first = hello_of(connection)
        if len(first) < 11:
            return
        version = 2 if first[:1] >= b"\x80" else struct.unpack(">H", first[9:11])[0]
        if version < 0x0303:
            old(connection, version)
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(first)
            relay(connection, server)
    return serve


def counting(port, counter):
    """A relay to `port` that appends to `counter` for each connection."""
    def serve(connection):
        counter.append(1)
        with socket.create_connection(("127.0.0.1", port)) as server:
            relay(connection, server)
    return serve
