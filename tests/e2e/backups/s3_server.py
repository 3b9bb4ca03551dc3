"""A store of objects for the suite `backups`: a few of S3's questions, answered only where the request's signature (AWS
Signature Version 4) holds, which is computed here from its public description and not by any client's code.

    Store(key, secret, objects, **settings).start() -> port; objects: {key: (bytes, unix time)}"""
import datetime
import hashlib
import hmac
import http.server
import ssl
import threading
import urllib.parse
from xml.sax.saxutils import escape

EMPTY = hashlib.sha256(b"").hexdigest()


def sign(secret, date, region, service, text):
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def canonical_query(query):
    pairs = [pair.partition("=")[::2] for pair in query.split("&")] if query else []
    plain = [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, value in pairs]
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    return "&".join(f"{name}={value}" for name, value in sorted((quote(n), quote(v)) for n, v in plain))


class Store:
    def __init__(self, key, secret, objects, **settings):
        """settings: region, page (objects a list), lock, versioning, sse, public, token, deny (questions), forge (an answer to
        every list), certificate (files)"""
        self.key, self.secret, self.objects = key, secret, objects
        defaults = {"region": "eu-test-1", "page": 1000, "lock": "", "versioning": "", "sse": "", "public": False, "token": "",
                    "deny": (), "forge": None, "certificate": None}
        assert set(settings) <= set(defaults), settings
        for name, value in {**defaults, **settings}.items():
            setattr(self, name, value)
        self.requests, self.refused = [], []

    def start(self):
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                store.requests.append(self.path)
                path, _, query = self.path.partition("?")
                wrong = store.wrong_signature(self, path, query)
                if wrong:
                    store.refused.append(wrong)
                    return self.answer(403, error("SignatureDoesNotMatch", wrong))
                self.answer(*store.reply(path, urllib.parse.parse_qs(query, keep_blank_values=True)))

            def answer(self, status, body, headers=()):
                body = body if isinstance(body, bytes) else body.encode()
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def wrong_signature(self, request, path, query):
        given = request.headers.get("Authorization", "")
        if not given.startswith("AWS4-HMAC-SHA256 "):
            return "no signature"
        fields = dict(part.strip().split("=", 1) for part in given[len("AWS4-HMAC-SHA256 "):].split(","))
        key, date, region, service, end = fields["Credential"].split("/")
        stamp = request.headers.get("X-Amz-Date", "")
        age = datetime.datetime.utcnow() - datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")
        if (key, region, service, end) != (self.key, self.region, "s3", "aws4_request") or stamp[:8] != date:
            return "another scope"
        if abs(age.total_seconds()) > 900:
            return "too old"
        names = fields["SignedHeaders"].split(";")
        if not {"host", "x-amz-date"} <= set(names) or names != sorted(names):
            return "headers that must be signed are not"
        if self.token and (request.headers.get("X-Amz-Security-Token") != self.token
                           or "x-amz-security-token" not in names):
            return "no token"
        headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
        content = request.headers.get("X-Amz-Content-Sha256", EMPTY)
        canonical = "\n".join(("GET", urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~"),
                               canonical_query(query), headers, ";".join(names), content))
        text = "\n".join(("AWS4-HMAC-SHA256", stamp, f"{date}/{region}/s3/aws4_request",
                          hashlib.sha256(canonical.encode()).hexdigest()))
        right = sign(self.secret, date, region, "s3", text)
        return "" if hmac.compare_digest(right, fields["Signature"]) else "the signature does not match"

    def reply(self, path, query):
        bucket, _, key = urllib.parse.unquote(path)[1:].partition("/")
        if bucket != "copies":
            return 404, error("NoSuchBucket", "The specified bucket does not exist")
        for question in ("object-lock", "versioning", "policyStatus", "acl", "list-type"):
            if question in query and question in self.deny:
                return 403, error("AccessDenied", "Access Denied")
        if self.forge is not None and "list-type" in query:
            return 200, self.forge
        if "object-lock" in query:
            if not self.lock:
                return 404, error("ObjectLockConfigurationNotFoundError", "none")
            return 200, (f'<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled'
                         f"</ObjectLockEnabled><Rule><DefaultRetention><Mode>{self.lock}</Mode><Days>30</Days>"
                         "</DefaultRetention></Rule></ObjectLockConfiguration>")
        if "versioning" in query:
            status = f"<Status>{self.versioning}</Status>" if self.versioning else ""
            return 200, f"<VersioningConfiguration>{status}</VersioningConfiguration>"
        if "policyStatus" in query:
            if not self.public:
                return 404, error("NoSuchBucketPolicy", "The bucket policy does not exist")
            return 200, "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"
        if "acl" in query:
            return 200, ("<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>owner</ID></Grantee>"
                         "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>")
        if "list-type" in query:
            return 200, self.listing(query)
        if key not in self.objects:
            return 404, error("NoSuchKey", "The specified key does not exist.")
        headers = [("x-amz-server-side-encryption", self.sse)] if self.sse else []
        return 200, self.objects[key][0], headers

    def listing(self, query):
        prefix = query.get("prefix", [""])[0]
        keys = sorted(key for key in self.objects if key.startswith(prefix))
        start = int(query.get("continuation-token", ["0"])[0] or 0)
        page, more = keys[start:start + self.page], start + self.page < len(keys)
        rows = "".join(
            f"<Contents><Key>{urllib.parse.quote(key, safe='/')}</Key><LastModified>"
            f"{datetime.datetime.utcfromtimestamp(self.objects[key][1]).strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified>"
            f"<Size>{self.objects[key][2] if len(self.objects[key]) > 2 else len(self.objects[key][0])}</Size></Contents>"
            for key in page)
        token = f"<NextContinuationToken>{start + self.page}</NextContinuationToken>" if more else ""
        return ('<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                f"<Name>copies</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>{str(more).lower()}</IsTruncated>"
                f"{token}{rows}</ListBucketResult>")


def error(code, message):
    return f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
