"""A receiver of syslog on every port that trees send to: UDP, TCP, TLS and RELP, plain and over TLS, told apart by the
first bytes that come. What arrives is kept with the way it came."""
import socket
import ssl
import threading

PORTS = (514, 601, 1514, 2514, 6514, 10514)


class Receiver:
    def __init__(self, certificate):
        self.arrived = []  # (text, "plain" | "tls")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        for port in PORTS:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                one = socket.socket(socket.AF_INET6, kind)
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind(("::", port))
                if kind == socket.SOCK_STREAM:
                    one.listen(50)
                work = self.datagrams if kind == socket.SOCK_DGRAM else self.connections
                threading.Thread(target=work, args=(one,), daemon=True).start()

    def datagrams(self, one):
        while True:
            self.arrived.append((one.recv(65536).decode(errors="replace"), "plain"))

    def connections(self, one):
        while True:
            peer, _ = one.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            way = "plain"
            if peer.recv(1, socket.MSG_PEEK) == b"\x16":
                peer, way = self.context.wrap_socket(peer, server_side=True), "tls"
            first = True
            while data := peer.recv(65536):
                if first and data.startswith(b"1 open "):
                    return self.relp(peer, data, way)
                first = False
                self.arrived.append((data.decode(errors="replace"), way))
        except OSError:
            pass

    def relp(self, peer, data, way):
        """Frames `NUMBER COMMAND LENGTH DATA`, each of which is answered (RELP's own description)."""
        while True:
            parts = data.split(b" ", 3)
            while len(parts) < 4 or len(parts[3]) < int(parts[2]) + 1:
                more = peer.recv(65536)
                if not more:
                    return
                data += more
                parts = data.split(b" ", 3)
            number, command, length, rest = parts
            text, data = rest[:int(length)], rest[int(length) + 1:].lstrip(b"\n")
            if command == b"syslog":
                self.arrived.append((text.decode(errors="replace"), way))
            answer = b"200 OK"
            if command == b"open":
                answer += b"\nrelp_version=0\nrelp_software=tests\ncommands=syslog"
            peer.sendall(b"%s rsp %d %s\n" % (number, len(answer), answer))
