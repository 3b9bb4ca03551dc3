"""Endpoints that begin in the clear: real servers, good imitations over a relay, and odd ones."""
import servers
import talks
from animal import STRONG, Animal
from daemons import Daemons

NEW = "TLSv1.2 TLSv1.3"


def declared(kind, **more):
    return {"endpoint": {"starttls": kind, **more}}


def mail_animals(zoo, ca):
    daemons = Daemons(zoo)
    good = ca.issue("mail")
    modern = ["smtpd_tls_mandatory_ciphers=high", "smtpd_tls_ciphers=high", "smtpd_tls_exclude_ciphers=aNULL,kRSA",
              "smtpd_tls_protocols=>=TLSv1.2", "smtpd_tls_mandatory_protocols=>=TLSv1.2"]
    ports = daemons.postfix(good, {
        "required": ["smtpd_tls_security_level=encrypt", *modern],
        "offered": ["smtpd_tls_security_level=may", *modern],
        "anonymous": ["smtpd_tls_security_level=may", "smtpd_tls_protocols=>=TLSv1.2"],
        "none": ["smtpd_tls_security_level=none"],
        "wrapped": ["smtpd_tls_wrappermode=yes", "smtpd_tls_security_level=encrypt", *modern],
        "broken": ["smtpd_tls_security_level=may", "smtpd_tls_cert_file=/nowhere", "smtpd_tls_key_file=/nowhere"]})
    yield Animal("postfix, required", ports["required"], "PPPP", NEW, starttls="PP", **declared("smtp"))
    yield Animal("postfix, offered", ports["offered"], "PPPP", NEW, starttls="FP", **declared("smtp"))
    yield Animal("postfix, as it comes", ports["anonymous"], "PFFP", NEW, starttls="FP", **declared("smtp"))
    yield Animal("postfix, no TLS", ports["none"], "FNNN", starttls="FF", **declared("smtp"))
    yield Animal("postfix, TLS from the start, declared as STARTTLS", ports["wrapped"], "PPPP", NEW, starttls="PP",
                 **declared("smtp"))
    yield Animal("postfix, no key", ports["broken"], "FNNN", starttls="FF", **declared("smtp"))
    secure = f"ssl_cipher_list = {STRONG}\n"
    imap, pop3 = daemons.dovecot(good, secure + "ssl = required\n")
    yield Animal("dovecot, imap, required", imap, "PPPP", NEW, starttls="PP", **declared("imap"))
    yield Animal("dovecot, pop3, required", pop3, "PPPP", NEW, starttls="PP", **declared("pop3"))
    imap, pop3 = daemons.dovecot(good, secure + "ssl = yes\ndisable_plaintext_auth = no\n")
    yield Animal("dovecot, imap, offered", imap, "PPPP", NEW, starttls="FP", **declared("imap"))
    yield Animal("dovecot, pop3, offered", pop3, "PPPP", NEW, starttls="FP", **declared("pop3"))
    imap, pop3 = daemons.dovecot(good, "ssl = no\ndisable_plaintext_auth = no\n")
    yield Animal("dovecot, imap, no TLS", imap, "FNNN", starttls="FF", **declared("imap"))
    yield Animal("dovecot, pop3, no TLS, found", pop3, "NNNN", declare=False, starttls="NN")


def file_and_directory_animals(zoo, ca):
    daemons = Daemons(zoo)
    good = ca.issue("directory")
    ssl = ["ssl_enable=YES", "require_ssl_reuse=NO", "ssl_tlsv1=NO", "ssl_sslv3=NO", "ssl_ciphers=" + STRONG]
    yield Animal("vsftpd, required", daemons.vsftpd(good, *ssl), "PPPP", NEW, starttls="PP", **declared("ftp"))
    yield Animal("vsftpd, offered", daemons.vsftpd(good, *ssl, "force_local_logins_ssl=NO", "force_local_data_ssl=NO"),
                 "PPPP", NEW, starttls="FP", **declared("ftp"))
    yield Animal("vsftpd, no TLS", daemons.vsftpd(good), "FNNN", starttls="FF", **declared("ftp"))
    suite = "TLSCipherSuite SECURE256:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA"
    yield Animal("slapd, required", daemons.slapd(good, suite, "security tls=1"), "PPPP", NEW, starttls="PP",
                 **declared("ldap"))
    yield Animal("slapd, offered", daemons.slapd(good, suite), "PPPP", NEW, starttls="FP", **declared("ldap"))
    yield Animal("slapd, ldaps", daemons.slapd(good, suite, scheme="ldaps"), "PPPP", NEW)
    rules = ["host all all 127.0.0.1/32 scram-sha-256", "hostssl all all ::1/128 scram-sha-256"]
    port = daemons.postgres(good, "ssl = on", f"ssl_ciphers = '{STRONG}'", "listen_addresses = '127.0.0.1,::1'",
                            rules=rules)
    yield Animal("postgres, offered", port, "PPPP", NEW, starttls="FP", **declared("postgres"))
    yield Animal("postgres over IPv6, required", port, "PPPP", NEW, starttls="PP", host="::1", **declared("postgres"))
    plain = daemons.postgres(good, "ssl = off", "listen_addresses = '127.0.0.1'", rules=rules)
    yield Animal("postgres, no TLS", plain, "FNNN", starttls="FF", **declared("postgres"))
    ports = daemons.mariadb(good, [["--require-secure-transport=ON", "--ssl-cipher=" + STRONG, "--tls-version=TLSv1.2,TLSv1.3"],
                                   ["--ssl-cipher=" + STRONG, "--tls-version=TLSv1.2"], ["--skip-ssl"]])
    yield Animal("mariadb, required", ports[0], "PPPP", NEW, starttls="UP", **declared("mysql"))
    yield Animal("mariadb, offered", ports[1], "PPPP", "TLSv1.2", starttls="UP", **declared("mysql"))
    yield Animal("mariadb, no TLS, found", ports[2], "NNNN", declare=False, starttls="NN")
    clients, others = daemons.prosody(good, True)
    yield Animal("prosody, clients, required", clients, "PPPP", NEW, starttls="PP", **declared("xmpp"))
    yield Animal("prosody, servers, required", others, "PPPP", NEW, starttls="PP", **declared("xmpp"))
    clients, _ = daemons.prosody(good, False)
    yield Animal("prosody, clients, offered", clients, "PPPP", NEW, starttls="FP", **declared("xmpp"))


def imitations(zoo, port, old):
    """`port`: a good TLS server; `old`: one with TLSv1.0."""
    def good(name, serve, kind, starttls="PP"):
        return Animal(name, zoo.odd(serve), "PPPP", NEW, starttls=starttls, **declared(kind))

    yield good("smtp", talks.smtp(port), "smtp")
    yield Animal("smtp, TLSv1.0", zoo.odd(talks.smtp(old)), "FFFP", "TLSv1.0 TLSv1.1 TLSv1.2", starttls="PP",
                 **declared("smtp"))
    yield good("smtp, a greeting of many lines", talks.smtp(port, greeting=b"220-a\r\n220-b\r\n220 c\r\n"), "smtp")
    yield good("smtp, wants a login and says nothing of TLS",
               talks.smtp(port, mail=b"530 5.7.1 Authentication required\r\n"), "smtp", starttls="UP")
    yield good("smtp, passwords without TLS", talks.smtp(
        port, ehlo=(b"250-a", b"250-AUTH LOGIN PLAIN", b"250 STARTTLS"), mail=b"550 no\r\n"), "smtp", starttls="FP")
    yield good("imap", talks.imap(port), "imap")
    yield good("imap, passwords in spite of LOGINDISABLED",
               talks.imap(port, capability=b"IMAP4 STARTTLS LOGINDISABLED AUTH=PLAIN"), "imap", starttls="FP")
    yield good("pop3", talks.pop3(port), "pop3")
    yield good("ftp", talks.ftp(port), "ftp")
    yield good("ldap, lengths in the long form", talks.ldap(port, long_form=True), "ldap")
    yield good("ldap, wants a signature", talks.ldap(port, bind=8), "ldap")
    yield good("postgres", talks.postgres(port), "postgres")
    yield good("postgres, full for those without TLS",
               talks.postgres(port, startup=talks.pg_error(b"53300", b"too many clients", b"X")), "postgres",
               starttls="UP")
    yield good("mysql", talks.mysql(port), "mysql")
    yield good("xmpp, byte by byte", talks.xmpp(port, pieces=40), "xmpp")
    yield Animal("smtp, found by its greeting", zoo.odd(talks.smtp(port)), "PPPU", NEW, declare=False, starttls="NP")


def stripped(zoo, port):
    def bad(name, serve, kind, says=""):
        return Animal(name, zoo.odd(serve), "FNNN", starttls="?F", says=says, **declared(kind))

    no = (b"250-a.example.org", b"250 8BITMIME")
    yield bad("smtp, stripped", talks.smtp(port, ehlo=no), "smtp")
    yield bad("smtp, STARTTLS in the greeting alone", talks.smtp(port, no, greeting=b"220 STARTTLS\r\n"), "smtp")
    yield bad("smtp, XSTARTTLS", talks.smtp(port, (b"250-a", b"250 XSTARTTLS")), "smtp")
    yield bad("smtp, STARTTLS as an argument", talks.smtp(port, (b"250-a", b"250 AUTH STARTTLS")), "smtp")
    yield bad("smtp, STARTTLS overwritten", talks.smtp(port, (b"250-a", b"250 XXXXXXXX")), "smtp")
    yield bad("smtp, 454", talks.smtp(port, go=b"454 4.7.0 TLS not available\r\n"), "smtp", says="454")
    yield bad("imap, a greeting that has it alone",
              talks.imap(port, greeting=b"* OK [CAPABILITY IMAP4 STARTTLS] hi\r\n", capability=b"IMAP4"), "imap")
    yield bad("imap, PREAUTH", talks.imap(port, greeting=b"* PREAUTH logged in\r\n"), "imap", says="PREAUTH")
    yield bad("imap, NO", talks.imap(port, go=b"a2 NO not now\r\n"), "imap")
    yield bad("pop3, stripped", talks.pop3(port, capa=b"+OK\r\nUSER\r\n.\r\n"), "pop3")
    yield bad("pop3, no CAPA", talks.pop3(port, capa=b"-ERR what\r\n"), "pop3")
    yield bad("pop3, -ERR", talks.pop3(port, go=b"-ERR no\r\n"), "pop3")
    yield bad("ftp, 500", talks.ftp(port, auth=b"500 what\r\n", user=b"331 Password\r\n"), "ftp")
    yield bad("ldap, a referral", talks.ldap(port, code=10, referral=True), "ldap", says="result 10")
    yield bad("ldap, not known", talks.ldap(port, code=2, text=b"unsupported extended operation"), "ldap")
    yield bad("postgres, N", talks.postgres(port, answer=b"N"), "postgres")
    yield bad("postgres, E", talks.postgres(port, answer=talks.pg_error(b"08P01", b"what is this", b"X")), "postgres")
    yield bad("mysql without TLS", talks.mysql(port, greeting=talks.my_greeting(0xF7FF)), "mysql")
    yield bad("xmpp, stripped", talks.xmpp(port, features=b"<stream:features><mechanisms/></stream:features>"), "xmpp")
    yield bad("xmpp, a starttls of nobody's namespace",
              talks.xmpp(port, features=b"<stream:features><starttls/></stream:features>"), "xmpp")
    yield bad("xmpp, failure", talks.xmpp(port, go=b"<failure/>"), "xmpp")
    yield Animal("smtp, bytes behind the go-ahead", zoo.odd(talks.smtp(port, go=b"220 go\r\n250 injected\r\n")), "PPPP",
                 NEW, starttls="PF", says="before any TLS", **declared("smtp"))
    yield Animal("smtp, bytes behind the go-ahead later", zoo.odd(talks.smtp(port, then=talks.injecting)), "FNNN",
                 starttls="?F", says="before any TLS", **declared("smtp"))
    yield Animal("postgres, SSSSS", zoo.odd(talks.postgres(port, answer=b"SSSSS")), "UUUU", starttls="?F",
                 says="before any TLS", **declared("postgres"))


def odd_talks(zoo, port):
    def odd(name, serve, kind, verdicts="UUUU", starttls="UU", says=""):
        return Animal(name, zoo.odd(serve), verdicts, starttls=starttls, says=says, **declared(kind))

    yield odd("smtp, a reply without end", talks.endless(b"220 hi\r\n", b"250-again\r\n"), "smtp", says="200 lines")
    yield odd("smtp, a line without end", talks.endless(b"220 hi\r\n", b"250-" + b"x" * 1000), "smtp", says="8 KiB")
    yield odd("smtp, turns away", talks.says(b"421 too many connections\r\n"), "smtp", says="421")
    yield odd("smtp, drips", talks.drips(b"220 a.example.org ESMTP so slow\r\n"), "smtp")
    yield odd("smtp, go-ahead and silence", talks.smtp(port, then=talks.nothing), "smtp", starttls="UP")
    yield odd("imap, BYE", talks.says(b"* BYE full\r\n"), "imap", says="BYE")
    yield odd("ldap, a notice of disconnection",
              talks.answers(talks.ber(0x30, talks.ber(2, b"\0") + talks.ber(0x78, b"\x0a\1\x34\4\0\4\0"))), "ldap")
    yield odd("ldap, 4 GiB", talks.answers(b"\x30\x84\xff\xff\xff\xff\2\1\1"), "ldap", "FNNN", "FF")
    yield odd("mysql, too many connections",
              talks.says(talks.my_packet(0, b"\xff\x10\x04Too many connections")), "mysql", says="1040")
    yield odd("mysql, a huge greeting", talks.says(b"\xff\xff\xff\0\x0a" + b"8" * 70000), "mysql", "FNNN", "FF")
    yield odd("mysql, protocol 9", talks.says(talks.my_greeting(protocol=9)), "mysql", "FNNN", "FF")
    yield odd("xmpp, no such host", talks.answers(
        b"<stream:stream id='1'><stream:error><host-unknown/></stream:error></stream:stream>"), "xmpp",
        says="host-unknown")
    yield odd("xmpp, a document type", talks.answers(b"<!DOCTYPE x [<!ENTITY a 'b'>]><stream:stream>"), "xmpp", "FNNN",
              "FF")
    yield odd("SSH, declared as smtp", servers.ssh_banner, "smtp", "FNNN", "FF")
    yield odd("silent, declared as imap", servers.silent, "imap")
    yield odd("closes, declared as pop3", servers.closes_at_once, "pop3")
    for kind in ("postgres", "ldap", "ftp"):
        yield Animal(f"TLS from the start, declared as {kind}", zoo.odd(servers.slow(port, 0)), "PPPP", NEW, starttls="PP", **declared(kind))
