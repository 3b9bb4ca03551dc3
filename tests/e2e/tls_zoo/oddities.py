"""Servers of TLS that bear less, or say it otherwise, than the standards have it. Most stand before a good server."""
import contextlib
import dataclasses
import socket
import struct
import threading

import servers

ALERT = {"version": b"\x15\x03\x01\0\2\2\x46", "handshake": b"\x15\x03\x01\0\2\2\x28", "warning": b"\x15\x03\x03\0\2\1\x70"}
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclasses.dataclass
class Hello:
    size: int        # of the record
    version: int     # legacy_version; 2 = SSLv2
    suites: list
    session: bytes
    extensions: dict  # type -> body


def read_hello(first):
    """Of a whole record; None where it is none."""
    if first[:1] >= b"\x80":
        return Hello(len(first), 2, [], b"", {})
    if len(first) < 50 or first[0] != 22:
        return None
    at = 44 + first[43]
    session = first[44:at]
    count = struct.unpack(">H", first[at:at + 2])[0]
    suites = list(struct.unpack(f">{count // 2}H", first[at + 2:at + 2 + count]))
    at += 4 + count
    extensions, at = {}, at + 2
    while at + 4 <= len(first):
        kind, size = struct.unpack(">HH", first[at:at + 4])
        extensions[kind] = first[at + 4:at + 4 + size]
        at += 4 + size
    return Hello(len(first), struct.unpack(">H", first[9:11])[0], suites, session, extensions)


def picky(port, bears, otherwise=b""):
    """A relay to `port` for hellos that bears(hello); to others it says `otherwise`, and closes."""
    def serve(connection):
        first = servers.hello_of(connection)
        hello = read_hello(first)
        if hello is None or not bears(hello):
            connection.sendall(otherwise)
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(first)
            servers.relay(connection, server)
    return serve


def alone(version, suites, most=None):
    """Chooses `version` and the first of `suites` that stands among the first `most` of a hello of that version or a
    higher one; to the rest it has an alert."""
    def serve(connection):
        hello = read_hello(servers.hello_of(connection))
        offered = [one for one in hello.suites[:most] if one in suites] if hello and hello.version >= version else []
        connection.sendall(servers.server_hello(version, offered[0]) if offered else ALERT["handshake"])
    return serve


def strict(port, version, suite):
    """A server that answers a hello of TLSv1.2 and one of exactly `version`, and refuses all that lie between."""
    def serve(connection):
        first = servers.hello_of(connection)
        hello = read_hello(first)
        if hello and hello.version == 0x0303:
            with socket.create_connection(("127.0.0.1", port)) as server:
                server.sendall(first)
                servers.relay(connection, server)
        elif hello and hello.version == version and suite in hello.suites:
            connection.sendall(servers.server_hello(version, suite))
        else:
            connection.sendall(ALERT["version"])
    return serve


def retries(group):
    """TLSv1.3 alone, and never anything but a HelloRetryRequest for `group`."""
    def serve(connection):
        while first := servers.hello_of(connection):
            hello = read_hello(first)
            if hello is None or 43 not in hello.extensions:
                connection.sendall(ALERT["version"])
                return
            extensions = struct.pack(">HHHHHH", 43, 2, 0x0304, 51, 2, group)
            body = b"\x03\x03" + RETRY_RANDOM + bytes([len(hello.session)]) + hello.session
            body += struct.pack(">HBH", 0x1301, 0, len(extensions)) + extensions
            message = b"\2" + struct.pack(">I", len(body))[1:] + body
            connection.sendall(b"\x16\x03\x03" + struct.pack(">H", len(message)) + message)
    return serve


def alert_at_once(connection):
    connection.sendall(ALERT["handshake"])


def after_a_warning(port):
    def serve(connection):
        first = servers.hello_of(connection)
        connection.sendall(ALERT["warning"])
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(first)
            servers.relay(connection, server)
    return serve


def in_small_records(port, size):
    """A relay that cuts the server's messages in the clear into records of `size` bytes."""
    def cut(server, connection):
        rest, clear = b"", True
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                rest += data
                while len(rest) >= 5 and len(rest) >= 5 + (length := struct.unpack(">H", rest[3:5])[0]):
                    header, body, rest = rest[:3], rest[5:5 + length], rest[5 + length:]
                    clear = clear and header[0] == 22
                    step = size if clear else len(body)
                    pieces = [body[at:at + step] for at in range(0, len(body), step)]
                    connection.sendall(b"".join(header + struct.pack(">H", len(one)) + one for one in pieces))
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)

    def serve(connection):
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=cut, args=(server, connection), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                while data := connection.recv(65536):
                    server.sendall(data)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            back.join()
    return serve


def tired(port, times):
    """Good for so many connections, and resets all that come later."""
    left = iter(range(times))

    def serve(connection):
        if next(left, None) is None:
            servers.hello_of(connection)
            servers.reset(connection)
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            servers.relay(connection, server)
    return serve
