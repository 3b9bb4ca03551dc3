"""What a server on this host's loopback lets in, found by asking it: TLS versions through openssl's client, plain text by
the first words of each protocol."""
import contextlib
import re
import socket
import struct
import subprocess

VERSIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
# Clients elsewhere, each address one of loopback's in the namespace, and a name that access files may single out.
CLIENTS = (("203.0.113.7", "someone"), ("10.1.2.3", "app"), ("fd00::7", "someone"))


def oldest(host, port, name=None, starttls=None):
    """The oldest version let in; None where none is."""
    host = f"[{host}]" if ":" in host else host
    for version, option in VERSIONS.items():
        command = ["openssl", "s_client", "-brief", "-connect", f"{host}:{port}", option, "-cipher", "ALL:@SECLEVEL=0"]
        command += ["-servername", name] if name else ["-noservername"]
        command += ["-starttls", starttls] if starttls else []
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        if re.search(r"^Protocol version: TLSv", done.stderr, re.M):
            return version
    return None


def connect(host, port, source="203.0.113.7"):
    """From another machine, as a server sees it: some trust a client whose address is their own."""
    source = "fd00::7" if ":" in host else source
    return socket.create_connection((host, port), timeout=10, source_address=(source, 0))


def said(one, size=4096):
    with contextlib.suppress(OSError):
        return one.recv(size)
    return b""


def http_plain(host, port):
    with connect(host, port) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: a.example.org\r\nConnection: close\r\n\r\n")
        answer = said(one)
    return answer.startswith(b"HTTP/") and b"HTTPS port" not in answer and b"SSL-enabled server" not in answer


def tcp_plain(host, port):
    """Is there a server that speaks first, or hangs up on no plain word? Here: one that answers with no TLS alert."""
    with connect(host, port) as one:
        one.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = said(one)
    return answer[:1] not in (b"", b"\x15") and b"HTTPS port" not in answer


def imap_plain(host, port):
    """May a client prove who it is without TLS? By a password or a challenge."""
    for words in (b"a LOGIN someone secret\r\n", b"a AUTHENTICATE CRAM-MD5\r\n"):
        with connect(host, port) as one:
            if not said(one).startswith(b"* OK"):
                return False
            one.sendall(words)
            answer = said(one)
        refused = any(word in answer.upper() for word in (b"PRIVACYREQUIRED", b"STARTTLS", b"A BAD", b"DISALLOWED"))
        if answer and not refused:
            return True
    return False


def pop3_plain(host, port):
    for words in (b"USER someone\r\n", b"AUTH CRAM-MD5\r\n"):
        with connect(host, port) as one:
            if not said(one).startswith(b"+OK"):
                return False
            one.sendall(words)
            if said(one).startswith(b"+"):
                return True
    return False


def smtp_plain(host, port):
    """Is mail taken without TLS?"""
    with connect(host, port) as one:
        if not said(one).startswith(b"220"):
            return False
        for words in (b"EHLO b.example.org\r\n", b"MAIL FROM:<someone@b.example.org>\r\n"):
            one.sendall(words)
            answer = said(one)
    return answer.startswith(b"250")


def postgres_plain(port):
    """Is any client elsewhere asked for a password, or let in, without TLS?"""
    for source, user in CLIENTS:
        words = b"user\0" + user.encode() + b"\0database\0postgres\0\0"
        answer = b"57P03"  # the database system is starting up
        while b"57P03" in answer:
            try:
                with connect(source, port, source) as one:
                    one.sendall(struct.pack(">II", len(words) + 8, 3 << 16) + words)
                    answer = said(one)
            except OSError:  # it does not listen there
                break
        if answer[:1] == b"R":
            return True
    return False


def mysql_packet(stream):
    head = stream.read(4)
    return stream.read(int.from_bytes(head[:3], "little")) if len(head) == 4 else b""


def mysql_plain(host, port):
    """Is `someone`, who needs no password, let in without TLS?"""
    with connect(host, port) as one, one.makefile("rb") as stream:
        if len(mysql_packet(stream)) < 20:
            return False
        flags = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000  # long password, 4.1, secure, plugins
        words = struct.pack("<IIB23x", flags, 1 << 24, 33) + b"someone\0\0mysql_native_password\0"
        one.sendall(struct.pack("<I", len(words))[:3] + b"\1" + words)
        answer = mysql_packet(stream)
    return answer[:1] == b"\0"
