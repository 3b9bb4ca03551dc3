"""Certificates of the zoo: an authority of its own, and what it and others signed, made by the openssl program."""
import base64
import subprocess

OAKLEY_2 = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD"
               "3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F"
               "24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16)


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
        kind = ["-newkey", key]
        if key.startswith("ec:"):
            kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + key[3:]]
        if key.startswith("rsa-pss:"):
            kind = ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:" + key[8:]]
        openssl("req", "-new", *kind, "-nodes", "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}")
        (self.folder / f"{name}.ext").write_text(extensions)
        validity = ["-days", days]
        if days < 0:  # begun and ended in the past; `x509 -req` cannot say so, but a day of no length ends at once
            validity = ["-days", 0]
        openssl("x509", "-req", "-in", f"{base}.csr", "-CA", issuer[0], "-CAkey", issuer[1],
                "-CAcreateserial", "-out", f"{base}.pem", f"-{options.get('digest', 'sha256')}", "-extfile", f"{base}.ext", *validity)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def issue(self, label, name="a.example.org", key="rsa:2048", chain=True, **options):
        """`name`: DNS, or "IP:…". `chain` false: the intermediate is not sent. Options: `days` (below 0: expired),
        `digest`."""
        kind = "" if name.startswith("IP:") else "DNS:"
        own, own_key = self._sign(label, key, f"subjectAltName={kind}{name}\nextendedKeyUsage=serverAuth",
                                  (self.middle, self.middle_key), **options)
        full = self.folder / f"{label}-chain.pem"
        full.write_text(own.read_text() + (self.middle.read_text() if chain else ""))
        return full, own_key

    def self_signed(self, label, name="a.example.org"):
        own, key = self.folder / f"{label}.pem", self.folder / f"{label}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", own, "-subj", "/CN=" + name,
                "-days", "90", "-addext", "subjectAltName=DNS:" + name)
        return own, key

    def small_group(self):
        """A Diffie-Hellman group of 1024 bits: RFC 2409's second, as DHParameter ::= SEQUENCE {p, g}."""
        def integer(number):
            body = number.to_bytes(number.bit_length() // 8 + 1, "big")
            return b"\x02" + (bytes([len(body)]) if len(body) < 128 else b"\x81" + bytes([len(body)])) + body

        body = integer(OAKLEY_2) + integer(2)
        der = b"\x30\x81" + bytes([len(body)]) + body
        path = self.folder / "group-1024.pem"
        path.write_text("-----BEGIN DH PARAMETERS-----\n" + base64.encodebytes(der).decode() +
                        "-----END DH PARAMETERS-----\n")
        return path
