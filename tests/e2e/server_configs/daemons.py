"""Starts the real server over the /etc of the tree, which lies where the system's own lay. What a tree leaves to its host
is added here: certificates, modules, addresses to listen on. Each gives back the process and, for each row of ours, how
to ask: {"port", "host", "name", "starttls", "plain"}, plain a function that tells whether plain text is let in."""
import pathlib
import re
import shutil
import subprocess

import asks

ETC = pathlib.Path("/etc")
CHAIN, KEY, BOTH = "/etc/tls/cert.pem", "/etc/tls/key.pem", "/etc/tls/both.pem"
POSTGRES = "/usr/lib/postgresql/15/bin/postgres"


def spawn(log, *command, user=None, cwd="/"):
    if user:
        command = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", *command)
    return subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd)


def edit(path, pattern, replacement, **more):
    path = pathlib.Path(path)
    path.write_text(re.sub(pattern, replacement, path.read_text(), **more))


def address(listener):
    """HOST, PORT of the first of a listener's addresses as ours gives it; one that is for no other where it is any."""
    host, _, port = listener.split()[0].split(",")[0].rpartition(":")
    return {"": "192.0.2.1", "*": "192.0.2.1", "[::]": "::1"}.get(host, host), int(port)


def nginx(rows, log, _scratch):
    certificate = f" ssl_certificate {CHAIN}; ssl_certificate_key {KEY};"
    edit("/etc/nginx/nginx.conf", r"\b(http|stream|mail) *\{", rf"\1 {{{certificate}")
    edit("/etc/nginx/nginx.conf", r"\bmail *\{", "mail { auth_http 127.0.0.1:9/;")
    modules = "".join(f"load_module /usr/lib/nginx/modules/ngx_{one}_module.so;" for one in ("stream", "mail"))
    globals_ = f"daemon off; master_process off; pid /run/nginx.pid; {modules}"
    asked = []
    for row in rows:
        host, port = address(row["listener"])
        way = {"host": host, "port": port, "name": row["context"] if "." in row["context"] else None,
               "plain": asks.http_plain}
        if row["context"].startswith("mail"):
            way |= {"plain": asks.imap_plain, "starttls": None if port == 993 else "imap"}
        if row["context"].startswith("stream"):
            way["plain"] = asks.tcp_plain
        asked.append(way)
    return spawn(log, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", "-g", globals_), asked


APACHE_BEFORE = [f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so"
                 for one in ("mpm_event", "authz_core", "socache_shmcb", "macro", "ssl")]


def apache(rows, log, _scratch, more=()):
    before = [*APACHE_BEFORE, *more, "Listen 80", "Listen 443", "Listen 8080", "ServerName a.example.org",
              "User www-data", "Group www-data", "PidFile /run/apache2.pid", "ErrorLog /dev/stderr",
              f"SSLCertificateFile {CHAIN}", f"SSLCertificateKeyFile {KEY}", "Define PROTOCOLS TLSv1.2"]
    command = ["/usr/sbin/apache2", "-X", "-f", "/etc/apache2/apache2.conf"]
    for line in before:
        command += ["-C", line]
    asked = []
    for row in rows:
        host, port = address(row["listener"]) if row["listener"] else ("192.0.2.1", 8080)
        words = row["context"].split()
        asked.append({"host": host, "port": port, "name": words[2] if len(words) > 2 else None,
                      "plain": asks.http_plain})
    return spawn(log, *command), asked


def haproxy(rows, log, _scratch):
    shutil.copy(BOTH, "/etc/haproxy/a.pem")
    edit("/etc/haproxy/haproxy.cfg", r"(?m)^(listen|frontend) (\w+)$", r"\1 \2\n  mode http")
    asked = [dict(zip(("host", "port"), address(row["listener"])), plain=asks.http_plain) for row in rows]
    return spawn(log, "/usr/sbin/haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg", cwd="/etc/haproxy"), asked


def postgres(rows, log, scratch):
    data = pathlib.Path("/var/lib/postgresql/15/main")
    own = scratch / "tree/var/lib/postgresql/15/main"
    for kind in ("conf", "auto.conf"):
        (data / f"postgresql.{kind}").unlink(missing_ok=True)
    if own.is_dir():
        shutil.copytree(own, data, dirs_exist_ok=True)
    for path, name in ((CHAIN, "server.crt"), (KEY, "server.key")):
        shutil.copy(path, data / name)
        (data / name).chmod(0o600)
    data.chmod(0o700)
    subprocess.run(["chown", "-R", "postgres:", data], check=True)
    config = "/etc/postgresql/15/main/postgresql.conf"
    listens = [] if "listen_addresses" in pathlib.Path(config).read_text() else ["-c", "listen_addresses=*"]
    server = spawn(log, POSTGRES, "-D", "/etc/postgresql/15/main", "-k", "/run", "-c", "fsync=off", *listens,
                   user="postgres")
    return server, [{"host": "127.0.0.1", "port": 5432, "starttls": "postgres",
                     "plain": lambda _host, port: asks.postgres_plain(port)} for _ in rows]


def mysql(rows, log, scratch):
    options = [f"--ssl-cert={CHAIN}", f"--ssl-key={KEY}", "--socket=/run/mysqld.sock", "--pid-file=/run/mysqld.pid",
               "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--lc-messages-dir=/usr/share/mysql"]
    own = scratch / "tree/var/lib/mysql"
    shutil.copytree(own, "/var/lib/mysql", dirs_exist_ok=True)
    subprocess.run(["chown", "-R", "mysql:", "/var/lib/mysql"], check=True)
    server = spawn(log, "/usr/sbin/mariadbd", *options, user="mysql")
    return server, [{"host": "127.0.0.1", "port": 3306, "starttls": "mysql", "plain": asks.mysql_plain} for _ in rows]


POSTFIX_PARTS = """postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
proxymap unix - - n - - proxymap
"""


def postfix(rows, log, _scratch):
    with open("/etc/postfix/main.cf", "a") as main:
        main.write(f"""compatibility_level = 3.6
inet_protocols = ipv4
mydestination =
alias_maps =
local_recipient_maps =
maillog_file = /var/log/mail.log
smtpd_tls_cert_file = {CHAIN}
smtpd_tls_key_file = {KEY}
smtpd_relay_restrictions = reject_unauth_destination
""")
    # No chroot: what it would hold is the host's business.
    edit("/etc/postfix/master.cf", r"(?m)^(\w+ +inet +n +- +)y\b", r"\1n")
    with open("/etc/postfix/master.cf", "a") as master:
        master.write(POSTFIX_PARTS)
    subprocess.run(["postfix", "check"], check=False, stdout=log, stderr=log)
    ports = {"smtp": 25, "submission": 587, "smtps": 465}
    asked = [{"host": "127.0.0.1", "port": ports[row["listener"]], "plain": asks.smtp_plain,
              "starttls": None if row["listener"] == "smtps" else "smtp"} for row in rows]
    return spawn(log, "/usr/lib/postfix/sbin/master", "-c", "/etc/postfix", "-d"), asked


def dovecot(rows, log, _scratch):
    config = pathlib.Path("/etc/dovecot/dovecot.conf")
    text = config.read_text().replace("protocols = imap lmtp", "protocols = imap")  # Debian's lmtp is a package of its own
    config.write_text(f"""ssl_cert = <{CHAIN}
ssl_key = <{KEY}
log_path = /dev/stderr
auth_mechanisms = plain cram-md5
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/run
}}
""" + ("" if "\nprotocols" in "\n" + text else "protocols = imap pop3\n") + text)
    shutil.copy(CHAIN, "/etc/dovecot/cert.pem")
    asked = []
    for row in rows:
        # What stands for all protocols is asked of one that has nothing of its own.
        pop3 = row["context"].endswith("protocol pop3") or (
            row["context"] == "main" and any(one["context"].endswith("protocol imap") for one in rows))
        asked.append({"host": "127.0.0.1", "port": 110 if pop3 else 143, "starttls": "pop3" if pop3 else "imap",
                      "plain": asks.pop3_plain if pop3 else asks.imap_plain})
    return spawn(log, "/usr/sbin/dovecot", "-F", "-c", config), asked


def openssl(rows, log, _scratch):
    server = spawn(log, "openssl", "s_server", "-accept", "127.0.0.1:443", "-cert", CHAIN, "-key", KEY, "-quiet",
                   "-cipher", "ALL:@SECLEVEL=0")
    return server, [{"host": "127.0.0.1", "port": 443} for _ in rows]


SERVERS = {one.__name__: one for one in (nginx, apache, haproxy, postgres, mysql, postfix, dovecot, openssl)}
