#!/usr/bin/env python3
"""Tests tom-tsa from outside: its answers are judged by the openssl program, never by our own code.

usage: tsa_test.py PATH-OF-tom-tsa
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

TSA = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "tom-tsa"


class Tsa:
    """One running authority in a folder of its own; ends with the `with` block."""

    def __init__(self, *options, folder=None):
        self.options = options
        self.keep = folder is not None
        self.folder = folder or tempfile.mkdtemp()
        self.port_file = os.path.join(self.folder, "port")
        self.pem = os.path.join(self.folder, "tsa.pem")

    def __enter__(self):
        self.process = subprocess.Popen(
            [TSA, "--dir", self.folder, "--port-file", self.port_file, *self.options],
            stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not os.path.exists(self.port_file):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"tom-tsa did not start: {self.process.poll()}")
            time.sleep(0.01)
        with open(self.port_file) as file:
            self.url = f"http://127.0.0.1:{int(file.read())}/"
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.status = self.process.wait(timeout=10)
        if not self.keep:
            shutil.rmtree(self.folder)

    def post(self, body, content_type="application/timestamp-query", timeout=10):
        request = urllib.request.Request(self.url, body, {"Content-Type": content_type})
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.read()


def openssl(*arguments, stdin=None):
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, timeout=30)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


class TsaTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.file("data", b"a checkpoint\n")

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def query(self, *options, digest="-sha256"):
        status, query, error = openssl("ts", "-query", "-data", self.data, digest, *options)
        self.assertEqual(status, 0, error)
        return query

    def verify(self, tsa, reply, data=None):
        path = self.file("reply", reply)
        return openssl("ts", "-verify", "-in", path, "-data", data or self.data, "-CAfile", tsa.pem)

    def text(self, reply):
        status, text, error = openssl("ts", "-reply", "-in", self.file("reply", reply), "-text")
        self.assertEqual(status, 0, error)
        return text.decode()

    def stated_time(self, reply):
        stated = re.search(r"Time stamp: (.* GMT)", self.text(reply)).group(1)
        os.environ["TZ"] = "UTC"
        time.tzset()
        return time.mktime(time.strptime(stated, "%b %d %H:%M:%S %Y GMT"))

    def test_a_stamp_is_good_to_openssl(self):
        with Tsa() as tsa:
            reply = tsa.post(self.query("-cert"))
            status, _, error = self.verify(tsa, reply)
            self.assertEqual(status, 0, error)
            self.assertAlmostEqual(self.stated_time(reply), time.time(), delta=5)
            other = self.file("other", b"another checkpoint\n")
            self.assertNotEqual(self.verify(tsa, reply, data=other)[0], 0)
        self.assertEqual(tsa.status, 0, "SIGTERM ends it cleanly")

    def test_the_nonce_comes_back_and_serials_differ(self):
        with Tsa() as tsa:
            first, second = tsa.post(self.query("-cert")), tsa.post(self.query("-cert"))
        pick = lambda name, reply: re.search(name + r": (0x[0-9A-F]+)", self.text(reply)).group(1)
        self.assertNotEqual(pick("Serial number", first), pick("Serial number", second))
        self.assertNotEqual(pick("Nonce", first), pick("Nonce", second))

    def test_the_certificate_is_for_stamping_alone_and_says_what_it_is(self):
        with Tsa() as tsa:
            status, text, error = openssl("x509", "-in", tsa.pem, "-noout", "-text")
            mode = os.stat(os.path.join(tsa.folder, "tsa.key")).st_mode & 0o777
        self.assertEqual(status, 0, error)
        self.assertIn("demonstration", text.decode())
        self.assertRegex(text.decode(), r"Extended Key Usage: critical\s+Time Stamping\n")
        self.assertEqual(mode, 0o600)

    def test_the_token_names_its_certificate_by_sha256(self):
        with Tsa() as tsa:
            path = self.file("reply", tsa.post(self.query("-cert")))
            token = os.path.join(self.folder, "token")
            openssl("ts", "-reply", "-in", path, "-token_out", "-out", token)
            status, text, error = openssl("asn1parse", "-inform", "DER", "-in", token)
        self.assertEqual(status, 0, error)
        self.assertIn(b"id-smime-aa-signingCertificateV2", text)

    def test_key_and_certificate_outlive_the_process(self):
        folder = os.path.join(self.folder, "authority")
        with Tsa(folder=folder) as tsa:
            reply = tsa.post(self.query("-cert"))
        with Tsa(folder=folder) as tsa:
            self.assertEqual(self.verify(tsa, reply)[0], 0)

    def test_another_authority_is_not_believed(self):
        with Tsa() as one, Tsa() as other:
            self.assertNotEqual(self.verify(other, one.post(self.query("-cert")))[0], 0)

    def test_what_is_no_sha256_request_is_refused_with_a_status(self):
        with Tsa() as tsa:
            for body in (b"", b"not a request", self.query(digest="-sha512")):
                reply = tsa.post(body)
                self.assertNotEqual(self.verify(tsa, reply)[0], 0, body)
                self.assertIn("Status: Rejected", self.text(reply), body)

    def test_http_that_is_no_time_stamp_query_is_an_error(self):
        with Tsa() as tsa:
            for body, content_type, status in ((self.query(), "text/plain", 415),
                                               (b"x" * 100_000, "application/timestamp-query", 413)):
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    tsa.post(body, content_type)
                caught.exception.close()
                self.assertEqual(caught.exception.code, status)

    def test_refuse(self):
        with Tsa("--refuse") as tsa:
            reply = tsa.post(self.query("-cert"))
            self.assertIn("Status: Rejected", self.text(reply))
            self.assertNotEqual(self.verify(tsa, reply)[0], 0)

    def test_garbage(self):
        with Tsa("--garbage") as tsa:
            self.assertNotEqual(self.verify(tsa, tsa.post(self.query("-cert")))[0], 0)

    def test_clock_offset_moves_the_stated_time(self):
        with Tsa("--clock-offset", "-3600") as tsa:
            reply = tsa.post(self.query("-cert"))
            self.assertEqual(self.verify(tsa, reply)[0], 0)
        self.assertAlmostEqual(self.stated_time(reply), time.time() - 3600, delta=5)

    def test_stall_outlasts_a_client_and_not_sigterm(self):
        with Tsa("--stall", "600") as tsa:
            with self.assertRaises(OSError):
                tsa.post(self.query("-cert"), timeout=0.5)
        self.assertEqual(tsa.status, 0)

    def test_max_requests(self):
        with Tsa("--max-requests", "2") as tsa:
            tsa.post(self.query("-cert"))
            tsa.post(self.query("-cert"))
            with self.assertRaises(urllib.error.HTTPError) as caught:
                tsa.post(self.query("-cert"))
            caught.exception.close()
            self.assertEqual(caught.exception.code, 503)

    def test_a_key_of_another_certificate_is_an_error_at_start(self):
        with Tsa() as one, Tsa() as other:
            mixed = os.path.join(self.folder, "mixed")
            os.mkdir(mixed)
            shutil.copy(os.path.join(one.folder, "tsa.key"), mixed)
            shutil.copy(other.pem, mixed)
        done = subprocess.run([TSA, "--dir", mixed, "--port-file", mixed + "/port"],
                              capture_output=True, timeout=10)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"does not belong", done.stderr)

    def test_usage_errors_exit_64(self):
        done = subprocess.run([TSA, "--dir", self.folder], capture_output=True, timeout=10)
        self.assertEqual(done.returncode, 64)


if __name__ == "__main__":
    unittest.main(verbosity=0)
