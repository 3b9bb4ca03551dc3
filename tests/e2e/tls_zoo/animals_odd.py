"""Endpoints that a look of its own kind misses: versions and suites that only some hellos find, certificates that only
some questions show, names that match by some rules alone."""
import oddities
import talks
from animal import STRONG, Animal

NEW = "TLSv1.2 TLSv1.3"


def hello_animals(zoo, port, old):
    """`port`: a good TLS server; `old`: TLSv1.0 to 1.2 with every suite."""
    every = "TLSv1.0 TLSv1.1 TLSv1.2"
    yield Animal("TLSv1.0, refuses 1.1 in place of choosing 1.0", zoo.odd(oddities.strict(port, 0x0301, 0x002F)), "FPFP",
                 "TLSv1.0 " + NEW)
    yield Animal("TLSv1.1, refuses 1.0", zoo.odd(oddities.strict(port, 0x0302, 0x002F)), "FPFP", "TLSv1.1 " + NEW)
    yield Animal("closes to versions above 1.0", zoo.odd(oddities.picky(old, lambda hello: hello.version == 0x0301)), "FFFP",
                 "TLSv1.0")
    yield Animal("closes to extensions", zoo.odd(oddities.picky(old, lambda hello: not hello.extensions)), "FFFP", every)
    yield Animal("closes to hellos of more than 255 bytes", zoo.odd(oddities.picky(old, lambda hello: hello.size < 261)),
                 "FFFP", every)
    yield Animal("an alert at extensions", zoo.odd(oddities.picky(
        old, lambda hello: not hello.extensions, b"\x15\x03\x01\0\2\2\x32")), "FFFP", every)
    yield Animal("reads 64 suites and no more", zoo.odd(oddities.alone(0x0301, (0x0005, 0x000A), 64)), "FFFU", "TLSv1.0")
    yield Animal("a HelloRetryRequest and nothing else", zoo.odd(oddities.retries(0x001D)), "PPPU", "TLSv1.3")
    yield Animal("TLSv1.3 with a group that libssl has not", zoo.odd(oddities.retries(0x11EC)), "PPPU", "TLSv1.3")
    yield Animal("an alert before any hello", zoo.odd(oddities.alert_at_once), "UUUU", says="handshake_failure")
    yield Animal("a warning before the hello", zoo.odd(oddities.after_a_warning(port)), "PPPP", NEW)
    yield Animal("records of one byte", zoo.odd(oddities.in_small_records(port, 1)), "PPPP", NEW)
    yield Animal("records of seven bytes, old", zoo.odd(oddities.in_small_records(old, 7)), "FFFP", every)
    yield Animal("one at once", zoo.odd(talks.limited(port, 1)), "PPPP", NEW)
    yield Animal("tired after five", zoo.odd(oddities.tired(port, 5)), "UUUP", "TLSv1.2")


def certificate_animals(zoo, ca):
    good = ca.issue("odd")
    new = ("-no_tls1", "-no_tls1_1", "-cipher", STRONG)
    strong = [f"ssl_ciphers {STRONG};", "ssl_protocols TLSv1.2 TLSv1.3;"]
    expired = ca.issue("odd-expired", key="ec:P-256", days=-1)
    yield Animal("nginx, RSA good and ECDSA expired", zoo.nginx([good, expired], *strong), "PPPF", NEW, says="expired")
    yield Animal("nginx, TLSv1.3 alone, RSA good and ECDSA expired",
                 zoo.nginx([good, expired], strong[0], "ssl_protocols TLSv1.3;"), "PPPF", "TLSv1.3", says="expired")
    yield Animal("nginx, TLSv1.3 alone, ECDSA good and RSA expired",
                 zoo.nginx([ca.issue("odd-ec", key="ec:P-256"), ca.issue("odd-rsa-expired", days=-1)], strong[0],
                           "ssl_protocols TLSv1.3;"), "PPPF", "TLSv1.3", says="expired")
    for key in ("ed25519", "ed448", "ec:P-521", "ec:P-384", "rsa-pss:2048", "rsa:4096"):
        made = ca.issue("odd-" + key.replace(":", "-"), key=key)
        yield Animal("s_server, " + key, zoo.openssl(made, *new), "PPPP", NEW, also={"tls-key-size": "P"})
        yield Animal(f"s_server, {key}, TLSv1.3", zoo.openssl(made, "-tls1_3"), "PPPP", "TLSv1.3")
    yield Animal("s_server, ffdhe4096 alone", zoo.openssl(good, "-tls1_3", "-curves", "ffdhe4096"), "PPPP", "TLSv1.3")
    stranger = ca.self_signed("odd-stranger", "c.example.org")[0].read_text()
    for count, letter in ((40, "P"), (150, "U")):  # the intermediate behind them; browsers give up earlier
        chain, key = ca.issue(f"odd-{count}")
        own, middle = chain.read_text().split("-----END CERTIFICATE-----\n", 1)
        chain.write_text(own + "-----END CERTIFICATE-----\n" + stranger * count + middle)
        yield Animal(f"nginx, {count} strangers in its chain",
                     zoo.nginx([(chain, key)], strong[0], "ssl_protocols TLSv1.2;"), "PPP" + letter, "TLSv1.2",
                     also={"tls-chain-complete": letter})
    yield Animal("s_server, by its address", zoo.openssl(ca.issue("odd-ip", "IP:127.0.0.1"), *new), "PPPP", NEW,
                 endpoint={"server_name": None})
    yield Animal("s_server, its address as a name", zoo.openssl(ca.issue("odd-dns-ip", "127.0.0.1"), *new), "PPPF", NEW,
                 endpoint={"server_name": None}, says="not for 127.0.0.1")
    names = (("a name with a dot behind it", "a.example.org", "a.example.org.", "P"),
             ("a name in capitals", "A.EXAMPLE.ORG", "a.Example.org", "P"),
             ("a wildcard for one label, and two", "*.example.org", "x.a.example.org", "F"),
             ("a wildcard for no label", "*.a.example.org", "a.example.org", "F"),
             ("a wildcard in the middle", "x.*.example.org", "x.a.example.org", "F"),
             ("an international name", "xn--bcher-kva.example.org", "xn--bcher-kva.example.org", "P"),
             ("a wildcard within an international name", "xn--*.example.org", "xn--bcher-kva.example.org", "F"))
    for what, has, wants, letter in names:
        made = ca.issue("odd-" + what.replace(" ", "-").replace(",", ""), has)
        yield Animal("s_server, " + what, zoo.openssl(made, *new), "PPP" + letter, NEW, endpoint={"server_name": wants})
