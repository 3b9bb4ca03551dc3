"""A whole installation in a folder: time-stamp authority, collector, operator, one enrolled agent."""
import datetime
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Installation:
    """Up as long as the `with` lasts."""

    def __init__(self, context, checks=ROOT / "checks", name="installation"):
        self.bin, self.dir, self.checks = context.bin_dir, context.scratch / name, checks
        self.services = []

    def __enter__(self):
        for name in ("operator", "collector", "tsa"):
            (self.dir / name).mkdir(parents=True, mode=0o700)
        try:
            self.start_tsa()
            self.start_collector()
            self.publish()
            self.enrol()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for service in reversed(self.services):
            service.terminate()
        for service in self.services:
            try:
                service.wait(20)
            except subprocess.TimeoutExpired:
                service.kill()
                service.wait()

    def run(self, program, *arguments, may_be=(0,)):
        done = subprocess.run([str(self.bin / program), *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
                              env=self.environment(), timeout=300)
        if done.returncode not in may_be:
            raise RuntimeError(f"{program} {arguments[0]} ended with {done.returncode}: {done.stderr[-300:]}")
        return done.stdout

    def environment(self):
        return {**os.environ, "TOM_STATE": str(self.dir / "agent")}

    def start(self, program, *arguments):
        log = (self.dir / f"{program}.log").open("w")
        service = subprocess.Popen([str(self.bin / program), *map(str, arguments)], stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL, env=self.environment(), cwd=ROOT)
        self.services.append(service)
        return service

    def wait_for(self, file):
        for _ in range(600):
            if file.exists() and file.stat().st_size > 0:
                return file.read_text()
            if self.services[-1].poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{file.name} did not appear")

    def start_tsa(self):
        tsa = self.dir / "tsa"
        self.start("tom-tsa", "--dir", tsa, "--port-file", tsa / "port")
        self.tsa_url = f"http://127.0.0.1:{self.wait_for(tsa / 'port').strip()}/"

    def start_collector(self):
        state, authority = self.dir / "collector", self.dir / "tsa/tsa.pem"
        (state / "collector.yaml").write_text(
            'listen: {grpc: "127.0.0.1:0", https: "127.0.0.1:0"}\n'
            f'store: {{kind: sqlite, path: "{state}/store.db"}}\n'
            f'tsa: {{url: "{self.tsa_url}", authority_file: "{authority}", every: 8h}}\n')
        self.run("tom-collector", "init", "--state", state, "--operator-dir", self.dir / "operator", "--name", "127.0.0.1")
        self.collector = self.start("tom-collector", "serve", "--config", state / "collector.yaml", "--port-file",
                                    self.dir / "ports")
        ports = dict(line.split() for line in self.wait_for(self.dir / "ports").splitlines())
        self.port = int(ports["grpc"])
        config = self.dir / "operator/tomctl.yaml"
        lines = [f'collector: "127.0.0.1:{self.port}"' if line.startswith("collector:") else line
                 for line in config.read_text().splitlines()]
        config.write_text("\n".join([*lines, f'tsa: "{self.tsa_url}"', f'tsa_trust_file: "{authority}"']) + "\n")

    def tomctl(self, *arguments):
        return self.run("tomctl", "--config", self.dir / "operator/tomctl.yaml", *arguments)

    def publish(self):
        operator = self.dir / "operator"
        self.tomctl("catalogue", "sign", "--checks", self.checks, "--version", 1, "--expires", "400d", "--authority",
                    self.dir / "tsa/tsa.pem", "-o", operator / "catalogue.tom")
        self.tomctl("catalogue", "publish", operator / "catalogue.tom")
        self.tomctl("profile", "publish", "velory-dpa", "--checks", self.checks)
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        (operator / "inventory.csv").write_text(
            "id,name,kind,role,owner,site,controllers,personal_data,critical,in_service_from\n"
            f"web-1,web-1,host,bench,ops,here,shared,true,true,{now}\n")
        self.tomctl("inventory", "import", operator / "inventory.csv")

    def enrol(self):
        token = self.dir / "operator/token"
        self.tomctl("token", "create", "--system", "web-1", "--uses", 1, "--expires", "1h", "-o", token)
        token.chmod(0o600)
        self.run("tom-agent", "enroll", "--collector", f"127.0.0.1:{self.port}", "--token-file", token, "--system", "web-1")
        self.tomctl("ledger", "checkpoint", "--stamp")
        self.config = self.dir / "agent.yaml"
        self.config.write_text(f'collector: {{address: "127.0.0.1:{self.port}"}}\nprofiles: [velory-dpa]\n')
