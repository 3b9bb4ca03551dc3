"""Servers of TLS from the start, other than nginx and openssl."""
import servers
import talks
from animal import STRONG, Animal
from daemons import Daemons

NEW = "TLSv1.2 TLSv1.3"


def web_animals(zoo, ca):
    daemons = Daemons(zoo)
    good = ca.issue("web")
    strong = ["SSLProtocol -all +TLSv1.2 +TLSv1.3", f"SSLCipherSuite {STRONG}"]
    old = ["SSLProtocol all", "SSLCipherSuite ALL@SECLEVEL=0"]
    other = ca.issue("other-web", "b.example.org")
    ports = daemons.apache([[("a.example.org", good, strong)], [("a.example.org", good, old)],
                            [("b.example.org", other, old), ("a.example.org", good, strong)],
                            [("a.example.org", good, [*strong, "SSLVerifyClient require",
                                                      f"SSLCACertificateFile {ca.root}"])]])
    yield Animal("apache", ports[0], "PPPP", NEW)
    yield Animal("apache, TLSv1.0 to 1.3, every suite it bears", ports[1], "FPFP", "TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3")
    yield Animal("apache, an old default host", ports[2], "FPPP", "TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3",
                 says="without a server name", also={"tls-default-host": "F"})
    yield Animal("apache, client certificate required", ports[3], "PPPP", NEW)
    ports = daemons.haproxy(good, ["ssl crt {pem} ssl-min-ver TLSv1.2 ciphers " + STRONG,
                                   "ssl crt {pem} ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1 ciphers ALL@SECLEVEL=0",
                                   "ssl crt {pem} ssl-min-ver TLSv1.3",
                                   "accept-proxy ssl crt {pem} ssl-min-ver TLSv1.2 ciphers " + STRONG,
                                   "ssl crt {pem} strict-sni ssl-min-ver TLSv1.2 ciphers " + STRONG])
    yield Animal("haproxy", ports[0], "PPPP", NEW)
    yield Animal("haproxy, TLSv1.0 and 1.1", ports[1], "FFFP", "TLSv1.0 TLSv1.1")
    yield Animal("haproxy, TLSv1.3 alone", ports[2], "PPPP", "TLSv1.3")
    yield Animal("haproxy behind the PROXY protocol", ports[3], "UUUU")
    yield Animal("haproxy, strict about names", ports[4], "PPPP", NEW)
    ports = daemons.lighttpd(good, [[f'ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2", "CipherString" => "{STRONG}")'],
                                    ['ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1", "CipherString" => '
                                     '"ALL:@SECLEVEL=0")']])
    yield Animal("lighttpd", ports[0], "PPPP", NEW)
    yield Animal("lighttpd, old", ports[1], "FPFP", "TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3")
    ec = ca.issue("gnutls-ec", key="ec:P-256")
    for name, certificate, priority, verdicts, versions in (
            ("as it comes", good, "NORMAL", "FPFP", "TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3"),
            ("TLSv1.0 alone", good, "NORMAL:-VERS-ALL:+VERS-TLS1.0", "FPFP", "TLSv1.0"),
            ("TLSv1.1 and 3DES", good, "LEGACY:-VERS-ALL:+VERS-TLS1.1:+3DES-CBC", "FFFP", "TLSv1.1"),
            ("P-256, TLSv1.3", ec, "NORMAL:-VERS-ALL:+VERS-TLS1.3", "PPPP", "TLSv1.3"),
            ("CCM alone", ec, "NORMAL:-CIPHER-ALL:+AES-128-CCM:-VERS-ALL:+VERS-TLS1.2", "PPPP", "TLSv1.2")):
        yield Animal("gnutls, " + name, daemons.gnutls(certificate, priority), verdicts, versions)
    plain = zoo.odd(talks.smtp(0, ehlo=(b"250 a.example.org",)))
    service = [f"connect = 127.0.0.1:{plain}", "sslVersionMin = TLSv1.2", f"ciphers = {STRONG}"]
    ports = daemons.stunnel(good, [service, service + ["protocol = smtp"], service + ["protocol = imap"],
                                   service + ["verifyChain = yes", f"CAfile = {ca.root}"]])
    yield Animal("stunnel", ports[0], "PPPP", NEW)
    yield Animal("stunnel, a client certificate wanted", ports[3], "PPPP", NEW)
    yield Animal("stunnel, two at once", zoo.odd(talks.limited(ports[0], 2)), "PPPP", NEW)
    yield Animal("stunnel, slow", zoo.odd(servers.slow(ports[0], 0.3)), "PPPP", NEW)
