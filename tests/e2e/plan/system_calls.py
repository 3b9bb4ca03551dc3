"""What processes touched, out of the files that `strace -ff -y -o PREFIX` leaves, one a thread."""
import ipaddress
import os.path
import re

PATH_CALLS = {"open", "creat", "stat", "lstat", "access", "readlink", "statfs", "chdir", "truncate", "unlink", "mkdir",
              "rmdir", "chmod", "chown", "utime", "statx", "execve"}
AT_CALLS = {"openat", "openat2", "newfstatat", "faccessat", "faccessat2", "readlinkat", "statx", "execveat", "unlinkat",
            "mkdirat", "fchmodat", "fchownat", "utimensat", "name_to_handle_at"}
CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\w+|\?)(.*)")
AT = re.compile(r'(AT_FDCWD|\d+)(?:<([^>]*)>)?, "((?:[^"\\]|\\.)*)"(.*)')
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
# A thread killed in the middle of a call; "???" where it was killed before strace could read which call, so before it ran.
CUT = re.compile(r"(\?\?\?|\w+)\((.*?)\s*<(?:detached|unfinished) \.\.\.>()()$")
INET = re.compile(r'sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
INET6 = re.compile(r'sa_family=AF_INET6, sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
UNIX = re.compile(r'sa_family=AF_UNIX, sun_path=@?"([^"]*)"')


def unescape(text):
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1").decode(
        "utf-8", "replace")


class Calls:
    def __init__(self, folder):
        self.lines = []
        for path in sorted(folder.glob("trace.*")):
            self.lines += [(path.suffix[1:], line.rstrip("\n")) for line in path.open(errors="replace")]
        if not self.lines:
            raise SystemExit("plan: strace wrote nothing")

    def touches(self):
        """(kind, target, line) of every call."""
        for pid, line in self.lines:
            call = CALL.match(line) or CUT.match(line)
            if call is None:
                if re.match(r"[+-]{3}|exit", line):  # signals and ends
                    continue
                raise SystemExit(f"plan: strace says what this test does not understand: {line[:200]}")
            if call[1] != "???":
                yield from self.of_call(call, pid, line)

    def of_call(self, call, pid, line):
        name, arguments, result = call[1], call[2], call[3]
        if name in ("connect", "sendto", "sendmsg", "sendmmsg", "bind"):
            yield from self.addresses(arguments, line)
        elif name in AT_CALLS and (at := AT.match(arguments)):
            if at[3] or at[1] == "AT_FDCWD":
                yield "file", self.place(at, name, pid), line
        elif name in PATH_CALLS and (path := PATH.match(arguments)):
            target = self.own(unescape(path[1]), pid)
            if name == "execve":
                if result == "0":
                    yield "program", target, line
            else:
                yield "file", target, line

    def place(self, at, name, pid):
        """Where openat and its like look. openat2 is always asked to stay in its root, so an absolute path is one in
        there too."""
        path, base = unescape(at[3]), at[2] or ""
        in_root = name == "openat2" and at[1] != "AT_FDCWD"
        if path.startswith("/") and not in_root:
            return self.own(os.path.normpath(path), pid)
        joined = base.rstrip("/") + "/" + path.lstrip("/") if base else path
        return self.own(os.path.normpath(joined) if joined else "/", pid)

    @staticmethod
    def own(path, pid):
        """/proc/PID of the process itself is /proc/self."""
        return re.sub(rf"^/proc/{pid}(/|$)", r"/proc/self\1", path)

    @staticmethod
    def addresses(arguments, line):
        for port, address in INET.findall(arguments):
            yield "address", f"{address}:{port}", line
        for port, address in INET6.findall(arguments):
            mapped = ipaddress.ip_address(address).ipv4_mapped
            yield "address", f"{mapped}:{port}" if mapped else f"[{address}]:{port}", line
        for path in UNIX.findall(arguments):
            yield "socket", path, line
        if "sa_family=AF_NETLINK" in arguments:
            yield "socket", "netlink:route", line
