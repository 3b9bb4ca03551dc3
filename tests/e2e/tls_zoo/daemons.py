"""Real servers out of Debian for the zoo, each with a configuration of its own in scratch, on a free port of loopback.
As root each serves as its own unprivileged user; without root those that need one are left out (needs_root)."""
import os
import pathlib
import shutil
import subprocess

from servers import free_port

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")


class Daemons:
    """Configurations and starts; `zoo` ends what it has started."""

    def __init__(self, zoo):
        self.zoo = zoo
        self.count = 0

    def folder(self, name, owner=None):
        self.count += 1
        folder = self.zoo.folder / f"{name}-{self.count}"
        folder.mkdir(mode=0o755)
        if owner:
            shutil.chown(folder, owner, owner)
        return folder

    def give(self, folder, certificate, owner):
        """The chain and key, copied to where `owner` alone may read them."""
        copies = []
        for kind, path in zip(("chain.pem", "key.pem"), certificate):
            copy = folder / kind
            copy.write_bytes(pathlib.Path(path).read_bytes())
            copy.chmod(0o600)
            shutil.chown(copy, owner, owner)
            copies.append(copy)
        return copies

    def start(self, folder, *command, user=None):
        if user:
            command = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", *command)
        self.zoo.start(*command, log=folder.relative_to(self.zoo.folder) / "output.log")

    def once(self, *command, user=None, text=None):
        if user:
            command = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", *command)
        subprocess.run(list(map(str, command)), check=True, input=text, text=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, timeout=120)

    def postfix(self, certificate, services):
        """`services`: name -> options of smtpd. Gives name -> port."""
        folder = self.folder("postfix")
        chain, key = certificate
        for name, owner in (("queue", "root"), ("data", "postfix")):
            (folder / name).mkdir()
            shutil.chown(folder / name, owner, owner)
        (folder / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = a.example.org
mydestination =
alias_maps =
local_recipient_maps =
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {key}
""")
        ports = {}
        lines = ["postlog unix-dgram n - n - 1 postlogd", "tlsmgr unix - - n 1000? 1 tlsmgr",
                 "anvil unix - - n - 1 anvil", "rewrite unix - - n - - trivial-rewrite",
                 "cleanup unix n - n - 0 cleanup", "proxymap unix - - n - - proxymap"]
        for name, options in services.items():
            ports[name] = free_port()
            lines.append(f"127.0.0.1:{ports[name]} inet n - n - - smtpd " + " ".join("-o " + one for one in options))
        (folder / "master.cf").write_text("\n".join(lines) + "\n")
        self.once("/usr/sbin/postfix", "-c", folder, "check")
        self.start(folder, "/usr/lib/postfix/sbin/master", "-c", folder, "-d")
        self.postfix_log = folder / "mail.log"
        return ports

    def dovecot(self, certificate, settings):
        """Gives the ports of imap and pop3."""
        folder = self.folder("dovecot")
        chain, key = certificate
        imap, pop3 = free_port(), free_port()
        (folder / "dovecot.conf").write_text(f"""base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap pop3
ssl_cert = <{chain}
ssl_key = <{key}
{settings}
passdb {{
  driver = static
  args = nologin
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
""")
        self.start(folder, "/usr/sbin/dovecot", "-F", "-c", folder / "dovecot.conf")
        return imap, pop3

    def vsftpd(self, certificate, *settings):
        folder = self.folder("vsftpd")
        chain, key = certificate
        port = free_port()
        (folder / "empty").mkdir()
        lines = ["listen=YES", "listen_address=127.0.0.1", f"listen_port={port}", "background=NO", "anonymous_enable=NO",
                 "local_enable=YES", f"secure_chroot_dir={folder}/empty", "nopriv_user=nobody", "xferlog_enable=NO",
                 "seccomp_sandbox=NO", f"rsa_cert_file={chain}", f"rsa_private_key_file={key}", *settings]
        (folder / "vsftpd.conf").write_text("\n".join(lines) + "\n")
        self.start(folder, "/usr/sbin/vsftpd", folder / "vsftpd.conf")
        return port

    def slapd(self, certificate, *settings, scheme="ldap"):
        folder = self.folder("slapd")
        chain, key = certificate
        port = free_port()
        lines = [f"pidfile {folder}/pid", f"TLSCertificateFile {chain}", f"TLSCertificateKeyFile {key}", *settings]
        (folder / "slapd.conf").write_text("\n".join(lines) + "\n")
        self.start(folder, "/usr/sbin/slapd", "-d", "0", "-h", f"{scheme}://127.0.0.1:{port}/", "-f", folder / "slapd.conf")
        return port

    def postgres(self, certificate, *settings, rules=()):
        folder = self.folder("postgres", "postgres")
        data = folder / "data"
        self.once(POSTGRES / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C",
                  user="postgres")
        chain, key = self.give(folder, certificate, "postgres")
        (data / "pg_hba.conf").write_text("\n".join(rules) + "\n")
        port = free_port()
        lines = [f"port = {port}", f"unix_socket_directories = '{folder}'", "fsync = off", "shared_buffers = 1MB",
                 "max_connections = 20", f"ssl_cert_file = '{chain}'", f"ssl_key_file = '{key}'", *settings]
        with (data / "postgresql.conf").open("a") as config:
            config.write("\n".join(lines) + "\n")
        self.start(folder, POSTGRES / "postgres", "-D", data, user="postgres")
        return port

    def mariadb(self, certificate, variants):
        """`variants`: a list of options each. Gives their ports."""
        folder = self.folder("mariadb", "mysql")
        chain, key = self.give(folder, certificate, "mysql")
        first = folder / "data-0"
        common = ["--no-defaults", "--lc-messages-dir=/usr/share/mysql", "--innodb-buffer-pool-size=8M",
                  "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0"]
        self.once("mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={first}", "--skip-test-db",
                  "--auth-root-authentication-method=normal", "--skip-name-resolve")
        for i in range(1, len(variants)):  # before the first one writes there
            self.once("cp", "-a", first, folder / f"data-{i}")
        ports = []
        for i, options in enumerate(variants):
            data = folder / f"data-{i}"
            ports.append(free_port())
            command = ["/usr/sbin/mariadbd", *common, f"--datadir={data}", f"--socket={folder}/{i}.sock",
                       f"--port={ports[i]}", "--bind-address=127.0.0.1", f"--pid-file={folder}/{i}.pid"]
            if "--skip-ssl" not in options:
                command += [f"--ssl-cert={chain}", f"--ssl-key={key}"]
            self.start(folder, *command, *options, user="mysql")
        return ports

    def prosody(self, certificate, required):
        """Gives the ports of clients and of servers."""
        folder = self.folder("prosody", "prosody")
        chain, key = self.give(folder, certificate, "prosody")
        clients, others = free_port(), free_port()
        (folder / "prosody.cfg.lua").write_text(f"""pidfile = "{folder}/pid"
data_path = "{folder}"
log = {{ error = "{folder}/log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {clients} }}
s2s_ports = {{ {others} }}
c2s_direct_tls_ports = {{ }}
s2s_direct_tls_ports = {{ }}
modules_enabled = {{ "tls", "saslauth", "dialback" }}
c2s_require_encryption = {str(required).lower()}
s2s_require_encryption = {str(required).lower()}
allow_unencrypted_plain_auth = {str(not required).lower()}
authentication = "internal_plain"
VirtualHost "a.example.org"
  ssl = {{ certificate = "{chain}", key = "{key}" }}
""")
        self.start(folder, "/usr/bin/prosody", "--config", folder / "prosody.cfg.lua", "-F", user="prosody")
        return clients, others

    def stunnel(self, certificate, services):
        """`services`: lists of settings, each with a connect. Gives their ports."""
        folder = self.folder("stunnel")
        chain, key = certificate
        ports = []
        lines = ["foreground = yes", "pid =", "syslog = no", f"cert = {chain}", f"key = {key}"]
        for i, settings in enumerate(services):
            ports.append(free_port())
            lines += [f"[service{i}]", f"accept = 127.0.0.1:{ports[i]}", *settings]
        (folder / "stunnel.conf").write_text("\n".join(lines) + "\n")
        self.start(folder, "/usr/bin/stunnel4", folder / "stunnel.conf")
        return ports

    def haproxy(self, certificate, binds):
        """`binds`: what stands behind `bind ADDRESS`; {pem} is chain and key. Gives their ports."""
        folder = self.folder("haproxy")
        pem = folder / "both.pem"
        pem.write_text("".join(pathlib.Path(path).read_text() for path in certificate))
        ports = []
        lines = ["defaults", "  mode http", "  timeout connect 5s", "  timeout client 5s", "  timeout server 5s"]
        for i, bind in enumerate(binds):
            ports.append(free_port())
            lines += [f"frontend f{i}", f"  bind 127.0.0.1:{ports[i]} " + bind.format(pem=pem),
                      "  http-request return status 200"]
        (folder / "haproxy.cfg").write_text("\n".join(lines) + "\n")
        self.start(folder, "/usr/sbin/haproxy", "-db", "-f", folder / "haproxy.cfg")
        return ports

    def apache(self, hosts):
        """`hosts`: lists of virtual hosts of one port, each (name, certificate, directives). Gives the ports."""
        folder = self.folder("apache")
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                          for name in ("mpm_event", "authz_core", "socache_shmcb", "ssl"))
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        ports = []
        text = f"ServerRoot {folder}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\nServerName a.example.org\n"
        text += modules + user + f"DocumentRoot {folder}\nMutex posixsem\n"
        for port_hosts in hosts:
            ports.append(free_port())
            text += f"Listen 127.0.0.1:{ports[-1]} http\n"
            for name, (chain, key), directives in port_hosts:
                text += (f"<VirtualHost 127.0.0.1:{ports[-1]}>\nServerName {name}\nSSLEngine on\n"
                         f"SSLCertificateFile {chain}\nSSLCertificateKeyFile {key}\n" + "\n".join(directives) +
                         "\n</VirtualHost>\n")
        (folder / "apache.conf").write_text(text)
        self.start(folder, "/usr/sbin/apache2", "-X", "-f", folder / "apache.conf")
        return ports

    def lighttpd(self, certificate, sockets):
        """`sockets`: lists of settings. Gives their ports."""
        folder = self.folder("lighttpd")
        chain, key = certificate
        ports = [free_port() for _ in sockets]
        text = (f'server.modules = ("mod_openssl")\nserver.document-root = "{folder}"\nserver.port = {free_port()}\n'
                'server.bind = "127.0.0.1"\n'
                f'server.errorlog = "{folder}/error.log"\n')
        for port, settings in zip(ports, sockets):
            text += f'$SERVER["socket"] == "127.0.0.1:{port}" {{\n  ssl.engine = "enable"\n' + \
                f'  ssl.pemfile = "{chain}"\n  ssl.privkey = "{key}"\n' + \
                "".join(f"  {one}\n" for one in settings) + "}\n"
        (folder / "lighttpd.conf").write_text(text)
        self.start(folder, "/usr/sbin/lighttpd", "-D", "-f", folder / "lighttpd.conf")
        return ports

    def gnutls(self, certificate, priority, *options):
        folder = self.folder("gnutls")
        chain, key = certificate
        port = free_port()
        self.start(folder, "gnutls-serv", "--echo", "--quiet", "--port", port, "--x509certfile", chain, "--x509keyfile",
                   key, "--priority", priority, *options)
        return port


