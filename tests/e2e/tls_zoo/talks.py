"""Servers that begin in the clear: good ones that hand over to a TLS server behind a relay, and odd ones."""
import contextlib
import socket
import struct
import time

import servers

GO = {"smtp": b"220 2.0.0 Ready\r\n", "imap": b"a2 OK Begin\r\n", "pop3": b"+OK Begin\r\n", "ftp": b"234 Begin\r\n"}
STARTTLS_OID = b"1.3.6.1.4.1.1466.20037"


def line(connection):
    """One line of the client's; empty where it has gone."""
    got = b""
    while not got.endswith(b"\n") and len(got) < 10000:
        byte = connection.recv(1)
        if not byte:
            return b""
        got += byte
    return got


def to_tls(connection, port):
    with socket.create_connection(("127.0.0.1", port)) as server:
        servers.relay(connection, server)


def smtp(port, ehlo=(b"250-a.example.org", b"250-8BITMIME", b"250 STARTTLS"), greeting=b"220 a.example.org ESMTP\r\n",
         go=GO["smtp"], mail=b"530 5.7.0 Must issue a STARTTLS command first\r\n", then=to_tls):
    def serve(connection):
        connection.sendall(greeting)
        while command := line(connection):
            word = command.split()[0].upper() if command.split() else b""
            if word == b"EHLO":
                connection.sendall(b"".join(one + b"\r\n" for one in ehlo))
            elif word == b"STARTTLS":
                connection.sendall(go)
                if go[:3] == b"220":
                    then(connection, port)
                    return
            elif word == b"MAIL":
                connection.sendall(mail)
            elif word == b"QUIT":
                connection.sendall(b"221 Bye\r\n")
                return
            else:
                connection.sendall(b"500 What?\r\n")
    return serve


def imap(port, greeting=b"* OK ready\r\n", capability=b"IMAP4rev1 STARTTLS LOGINDISABLED", go=GO["imap"]):
    def serve(connection):
        connection.sendall(greeting)
        while command := line(connection):
            words = command.split() + [b"", b""]
            if words[1] == b"CAPABILITY":
                connection.sendall(b"* CAPABILITY " + capability + b"\r\n" + words[0] + b" OK done\r\n")
            elif words[1] == b"STARTTLS":
                connection.sendall(go)
                if b" OK" in go:
                    to_tls(connection, port)
                    return
            else:
                connection.sendall(b"* BYE\r\n" + words[0] + b" OK done\r\n")
                return
    return serve


def pop3(port, capa=b"+OK\r\nSTLS\r\n.\r\n", go=GO["pop3"], user=b"-ERR not without TLS\r\n"):
    def serve(connection):
        connection.sendall(b"+OK ready\r\n")
        while command := line(connection).strip():
            if command == b"CAPA":
                connection.sendall(capa)
            elif command == b"STLS":
                connection.sendall(go)
                if go[:1] == b"+":
                    to_tls(connection, port)
                    return
            elif command.startswith(b"USER"):
                connection.sendall(user)
            else:
                connection.sendall(b"+OK\r\n")
                return
    return serve


def ftp(port, auth=GO["ftp"], user=b"530 Please use encryption first\r\n"):
    def serve(connection):
        connection.sendall(b"220-Welcome to\r\n 220 odd lines\r\n220 FTP here\r\n")
        while command := line(connection).strip():
            if command == b"AUTH TLS":
                connection.sendall(auth)
                if auth[:3] == b"234":
                    to_tls(connection, port)
                    return
            elif command.startswith(b"USER"):
                connection.sendall(user)
            else:
                connection.sendall(b"221 Bye\r\n")
                return
    return serve


def ber(tag, body, long_form=False):
    if long_form:
        return bytes([tag, 0x84]) + struct.pack(">I", len(body)) + body
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


def ldap(port, code=0, bind=13, long_form=False, referral=False, text=b""):
    def answer(tag, result, more=b""):
        body = ber(0x0A, bytes([result])) + ber(4, b"") + ber(4, text) + more
        return ber(0x30, ber(2, b"\1") + ber(tag, body, long_form), long_form)

    def serve(connection):
        request = connection.recv(4096)
        if STARTTLS_OID not in request:
            connection.sendall(answer(0x61, bind))
            connection.recv(4096)
            return
        more = ber(0xA3, ber(4, b"ldap://b.example.org/")) if referral else ber(0x8A, STARTTLS_OID)
        connection.sendall(answer(0x78, code, more))
        if code == 0:
            to_tls(connection, port)
        else:
            connection.recv(4096)
    return serve


def postgres(port, answer=b"S", startup=None):
    if startup is None:
        startup = pg_error(b"28000", b'no pg_hba.conf entry for host "127.0.0.1", no encryption', b"ClientAuthentication")

    def serve(connection):
        request = connection.recv(4096)
        if request[4:8] != b"\x04\xd2\x16\x2f":
            connection.sendall(startup)
            return
        connection.sendall(answer)
        if answer == b"S":
            to_tls(connection, port)
        else:
            connection.recv(4096)
    return serve


def pg_error(code, message, routine):
    body = b"SFATAL\0VFATAL\0C" + code + b"\0M" + message + b"\0R" + routine + b"\0\0"
    return b"E" + struct.pack(">I", 4 + len(body)) + body


def my_packet(number, body):
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


def my_greeting(capabilities=0xFFFF, version=b"8.0.1", protocol=10):
    return my_packet(0, bytes([protocol]) + version + b"\0" + b"\1\0\0\0" + b"8bytes!!" + b"\0" +
                     struct.pack("<H", capabilities) + b"\x21\2\0\x0f\xc0" + b"\x15" + b"\0" * 10 + b"12bytes!!!!!\0"
                     b"mysql_native_password\0")


def mysql(port, greeting=None, login=None):
    if login is None:
        login = my_packet(2, b"\xff" + struct.pack("<H", 3159) + b"#HY000Connections using insecure transport are "
                             b"prohibited while --require_secure_transport=ON.")

    def serve(connection):
        connection.sendall(greeting or my_greeting())
        header = connection.recv(4)
        if len(header) < 4:
            return
        size = struct.unpack("<I", header[:3] + b"\0")[0]
        answer = b""
        while len(answer) < size and (more := connection.recv(size - len(answer))):
            answer += more
        if size == 32:
            to_tls(connection, port)
        else:
            connection.sendall(login)
    return serve


FEATURES = (b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
            b"</stream:features>")


def xmpp(port, features=FEATURES, go=b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", pieces=1):
    def serve(connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(4096)
        whole = (b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream="
                 b"'http://etherx.jabber.org/streams' id='a>b' from=\"a.example.org\" version='1.0'>" + features)
        step = -(-len(whole) // pieces)
        for at in range(0, len(whole), step):
            connection.sendall(whole[at:at + step])
            if pieces > 1:
                time.sleep(0.005)
        if b"<starttls" not in connection.recv(4096):
            return
        connection.sendall(go)
        if b"proceed" in go:
            to_tls(connection, port)
    return serve


def endless(first, again):
    """Says `first`, and after the first question `again` without end."""
    def serve(connection):
        connection.sendall(first)
        connection.recv(4096)
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(again * 20)
    return serve


def says(what):
    """Says it and listens."""
    def serve(connection):
        connection.sendall(what)
        while connection.recv(4096):
            pass
    return serve


def answers(what):
    """Listens once and says it."""
    def serve(connection):
        connection.recv(4096)
        connection.sendall(what)
        connection.recv(4096)
    return serve


def drips(text):
    def serve(connection):
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(0.5)
    return serve


def injecting(connection, port):
    """Behind the go-ahead, in the clear, an answer to what the client has not yet asked. The client has gone on by then:
    what it reads together with the go-ahead is another case."""
    connection.recv(1, socket.MSG_PEEK)
    connection.sendall(b"250 injected\r\n")
    to_tls(connection, port)


def nothing(connection, _):
    time.sleep(20)


def limited(port, most):
    """A relay that resets whoever comes while `most` others are there."""
    import threading
    room = threading.Semaphore(most)

    def serve(connection):
        if not room.acquire(blocking=False):
            servers.reset(connection)
            return
        try:
            to_tls(connection, port)
        finally:
            room.release()
    return serve
