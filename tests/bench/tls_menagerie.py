"""Endpoints that are hard to judge, and the truth about them: which versions they speak, by whatever name; whether they
take a suite with NULL, anonymous keys, export, RC2, RC4, DES, 3DES or IDEA; for which names their certificates are."""
import dataclasses
import os
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/e2e/tls_zoo"))
import servers  # noqa: E402
import talks  # noqa: E402
from animal import EVERYTHING, STRONG  # noqa: E402
from daemons import Daemons  # noqa: E402

NEW = "TLSv1.2 TLSv1.3"
NAME = "a.example.org"


@dataclasses.dataclass
class Endpoint:
    """`weak` or `names` None: nobody is asked about it. `starttls`: as the agent's configuration calls it."""
    name: str
    port: int
    versions: str
    weak: bool | None = False
    names: tuple | None = None
    starttls: str | None = None


def of_nginx(zoo, ca, good):
    strong, modern = f"ssl_ciphers {STRONG};", "ssl_protocols TLSv1.2 TLSv1.3;"
    port = zoo.nginx([good], modern, strong)
    old = zoo.nginx([good], "ssl_protocols TLSv1 TLSv1.1 TLSv1.2;", f"ssl_ciphers {EVERYTHING.replace(':@', '@')};")
    yield Endpoint("nginx, new", port, NEW)
    yield Endpoint("nginx, every suite", old, "TLSv1.0 TLSv1.1 TLSv1.2", True)
    yield Endpoint("nginx, a client's certificate required",
                   zoo.nginx([good], modern, strong, "ssl_verify_client on;", f"ssl_client_certificate {ca.root};"), NEW)
    other = ca.issue("second", "b.example.org", "ec:P-256")
    yield Endpoint("nginx, RSA and ECDSA for two names", zoo.nginx([good, other], modern, strong), NEW, False,
                   (NAME, "b.example.org"))
    yield Endpoint("slow", zoo.odd(servers.slow(port, 0.3)), NEW)
    yield Endpoint("two connections at once", zoo.odd(talks.limited(port, 2)), NEW)
    yield Endpoint("SSLv3 beside new versions", zoo.odd(servers.before(port, ssl3_alone_of_old)),
                   "SSLv3 " + NEW, None)
    yield Endpoint("smtp", zoo.odd(talks.smtp(port)), NEW, starttls="smtp")
    yield Endpoint("smtp, old", zoo.odd(talks.smtp(old)), "TLSv1.0 TLSv1.1 TLSv1.2", True, starttls="smtp")
    # Not offered, and refused to who asks all the same, as many clients do.
    stripped = talks.smtp(port, ehlo=(b"250-a", b"250 AUTH STARTTLS"), go=b"502 5.5.1 What?\r\n")
    yield Endpoint("smtp, stripped", zoo.odd(stripped), "", None, starttls="smtp")
    yield Endpoint("postgres", zoo.odd(talks.postgres(port)), NEW, starttls="postgres")


def ssl3_alone_of_old(connection, version):
    """Of hellos below TLSv1.2 it answers the one of SSLv3, and closes to others."""
    if version == 0x0300:
        connection.sendall(servers.server_hello(0x0300, 0x0005))


def ssl2_alone(connection):
    if servers.hello_of(connection)[:1] >= b"\x80":
        servers.ssl2_hello(connection)


def of_openssl(zoo, ca, good):
    old = ("-cipher", "DEFAULT@SECLEVEL=0")
    yield Endpoint("TLSv1.0 alone", zoo.openssl(good, "-tls1", *old), "TLSv1.0")
    yield Endpoint("TLSv1.3 with x448 alone", zoo.openssl(good, "-tls1_3", "-curves", "X448"), "TLSv1.3")
    yield Endpoint("a hole at 1.1 and 1.2", zoo.openssl(good, "-no_tls1_1", "-no_tls1_2", *old), "TLSv1.0 TLSv1.3")
    yield Endpoint("anonymous alone", zoo.openssl(good, "-tls1_2", "-cipher", "aNULL@SECLEVEL=0"), "TLSv1.2", True)
    yield Endpoint("NULL alone", zoo.openssl(good, "-tls1_2", "-cipher", "eNULL@SECLEVEL=0"), "TLSv1.2", True)
    yield Endpoint("CCM_8 alone",
                   zoo.openssl(ca.issue("ccm", key="ec:P-256"), "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8@SECLEVEL=0"),
                   "TLSv1.2")
    yield Endpoint("SSLv3 with RC4 alone",
                   zoo.odd(lambda c: (servers.hello_of(c), c.sendall(servers.server_hello(0x0300, 5)))), "SSLv3", True)
    yield Endpoint("SSLv2 alone", zoo.odd(ssl2_alone), "SSLv2", None)


def of_others(zoo, good, other):
    daemons = Daemons(zoo)
    if shutil.which("gnutls-serv"):
        yield Endpoint("gnutls, TLSv1.1 with 3DES", daemons.gnutls(good, "LEGACY:-VERS-ALL:+VERS-TLS1.1:+3DES-CBC"),
                       "TLSv1.1", True)
    if shutil.which("haproxy", path="/usr/sbin:/usr/bin"):
        ports = daemons.haproxy(good, ["ssl crt {pem} strict-sni ssl-min-ver TLSv1.2 ciphers " + STRONG])
        yield Endpoint("haproxy, strict about names", ports[0], NEW)
    if shutil.which("apache2", path="/usr/sbin:/usr/bin"):
        ports = daemons.apache([[("b.example.org", other, ["SSLProtocol all", "SSLCipherSuite ALL@SECLEVEL=0"]),
                                 (NAME, good, ["SSLProtocol -all +TLSv1.2 +TLSv1.3", f"SSLCipherSuite {STRONG}"])]])
        yield Endpoint("apache, old without a name", ports[0], "TLSv1.0 TLSv1.1 " + NEW, None)


def of_root(zoo, good):
    """Real servers, where an imitation would know its own client's tags and numbers alone."""
    daemons = Daemons(zoo)
    if shutil.which("dovecot", path="/usr/sbin"):
        imap, pop3 = daemons.dovecot(good, f"ssl_cipher_list = {STRONG}\nssl = required\n")
        yield Endpoint("dovecot, imap", imap, NEW, starttls="imap")
        yield Endpoint("dovecot, pop3", pop3, NEW, starttls="pop3")
    if shutil.which("slapd", path="/usr/sbin"):
        suites = "TLSCipherSuite SECURE256:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA"
        yield Endpoint("slapd", daemons.slapd(good, suites), NEW, starttls="ldap")


def menagerie(zoo, ca):
    good = ca.issue("menagerie")
    endpoints = [*of_nginx(zoo, ca, good), *of_openssl(zoo, ca, good),
                 *of_others(zoo, good, ca.issue("other", "b.example.org"))]
    return endpoints + (list(of_root(zoo, good)) if os.geteuid() == 0 else [])
