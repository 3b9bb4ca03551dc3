"""Certificates of the zoo: an authority of its own, and what it and others signed, made by the openssl program."""
import subprocess

DAY = 86400


def openssl(*arguments, text=None):
    subprocess.run(["openssl", *map(str, arguments)], check=True, input=text, text=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Authority:
    """A root and an intermediate in `folder`; issue() gives (certificate chain, key)."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "root.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "root.key", "-out", self.root,
                "-subj", "/CN=Zoo root", "-days", "3650", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.middle, self.middle_key = self._sign("middle", "rsa:2048", "basicConstraints=critical,CA:TRUE,pathlen:0\n"
                                                  "keyUsage=critical,keyCertSign", (self.root, folder / "root.key"))

    def _sign(self, name, key, extensions, issuer, **options):
        """`issuer`: its certificate and key. Options: days, digest."""
        days = options.get("days", 365)
        base = self.folder / name
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + key[3:]] if key.startswith("ec:") \
            else ["-newkey", key]
        openssl("req", "-new", *kind, "-nodes", "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}")
        (self.folder / f"{name}.ext").write_text(extensions)
        validity = ["-days", days]
        if days < 0:  # begun and ended in the past; `x509 -req` cannot say so, but a day of no length ends at once
            validity = ["-days", 0]
        openssl("x509", "-req", "-in", f"{base}.csr", "-CA", issuer[0], "-CAkey", issuer[1],
                "-CAcreateserial", "-out", f"{base}.pem", f"-{options.get('digest', 'sha256')}", "-extfile", f"{base}.ext", *validity)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def issue(self, label, name="a.example.org", key="rsa:2048", chain=True, **options):
        """`chain` false: the intermediate is not sent. Options: `days` (below 0: expired), `digest`."""
        own, own_key = self._sign(label, key, f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth",
                                  (self.middle, self.middle_key), **options)
        full = self.folder / f"{label}-chain.pem"
        full.write_text(own.read_text() + (self.middle.read_text() if chain else ""))
        return full, own_key

    def self_signed(self, label, name="a.example.org"):
        own, key = self.folder / f"{label}.pem", self.folder / f"{label}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", own, "-subj", "/CN=" + name,
                "-days", "90", "-addext", "subjectAltName=DNS:" + name)
        return own, key

    def group(self, bits):
        """A Diffie-Hellman group made for nothing but speed of making."""
        path = self.folder / f"group-{bits}.pem"
        openssl("dhparam", "-dsaparam", "-out", path, bits)
        return path
