"""Who may include whom (design.md "Layout" in ARCHITECTURE.md), and which headers cost too much to spread."""
import os
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')

# Includes run one way. A folder may include itself and what stands behind it here; the longest matching entry rules.
MAY_INCLUDE = {
    "evidence": {"evidence"},
    "checks": {"checks", "evidence"},
    "checks/env": {"checks/env", "evidence"},
    "checks/parse": {"checks/parse", "evidence"},
    "checks/engine": {"checks/engine", "checks/env", "evidence"},
    "checks/tables": {"checks/tables", "checks/engine", "checks/env", "checks/parse", "evidence"},
    "agent": {"agent", "checks", "evidence", "proto", "tom"},
    "collector": {"collector", "checks", "evidence", "proto", "tom"},
}
PARTS = ("evidence", "checks", "agent", "collector", "proto", "tom", "tests")

# evidence/ is the verifier: what is not on this list would be one more thing that an auditor has to trust.
EVIDENCE_LIBRARIES = ("openssl/", "nlohmann/", "absl/", "zlib.h", "CLI/", "gtest/", "gmock/")
SYSTEM_HEADER = re.compile(r"^([a-z_0-9]+|sys/[a-z_0-9]+\.h|[a-z_]+\.h)$")
NOT_SYSTEM = ("sqlite3.h", "zip.h", "zstd.h", "httplib.h", "seccomp.h", "cap-ng.h")

GRPC = re.compile(r"^(grpc|grpcpp|grpc\+\+)/|\.grpc\.pb\.h$")
PROTOBUF = re.compile(r"^google/protobuf/|\.pb\.h$")
NLOHMANN = re.compile(r"^nlohmann/(?!json_fwd\.hpp$)")
MAX_GRPC_UNITS = 5
MAX_NLOHMANN_UNITS = 3

# checks/env is the only door to the outside: facts that open files themselves could not be tried on a fake host.
OUTSIDE = re.compile(r"^(fstream|filesystem|fcntl\.h|unistd\.h|dirent\.h|pwd\.h|grp\.h|netdb\.h|poll\.h|"
                     r"sys/(stat|socket|mman|statvfs|wait|types)\.h|netinet/.*|arpa/.*|spawn\.h|curl/.*)$")
DOORLESS = ("checks/parse/", "checks/tables/")


def includes(tree, file):
    for number, line in tree.lines(file):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def layer(path, names):
    """The longest of `names` that is the path or a folder above it."""
    best = [n for n in names if path == n or path.startswith(n + "/")]
    return max(best, key=len) if best else None


def is_test(file):
    return file.endswith("_test.cc") or os.path.basename(file).startswith(("fake_", "test_"))


def layering(tree, _):
    """evidence <- checks <- agent, and evidence, checks <- collector; agent and collector never meet."""
    for file in tree.cpp():
        mine = layer(file, MAY_INCLUDE)
        if mine is None:
            continue
        allowed = MAY_INCLUDE[mine.split("/")[0] if is_test(file) else mine]
        for number, quote, name in includes(tree, file):
            if quote == "<" or name.split("/")[0] not in PARTS:
                continue
            if layer(name, allowed) is None:
                yield f"{file}:{number}: {mine} must not include {name}"


def include_paths(tree, _):
    """Own headers are included by their path from the root."""
    for file in tree.cpp():
        for number, quote, name in includes(tree, file):
            generated = name.endswith(".pb.h")
            if quote == '"' and not generated and name.split("/")[0] not in PARTS + ("absl", "google"):
                yield f"{file}:{number}: include {name} by its path from the root"


def verifier_libraries(tree, _):
    """evidence/ uses OpenSSL, nlohmann_json, abseil, zlib and the standard library alone."""
    for file in tree.match("evidence/*"):
        if not file.endswith((".cc", ".h")):
            continue
        for number, _, name in includes(tree, file):
            own = name.startswith(("evidence/", *EVIDENCE_LIBRARIES))
            if not own and (name in NOT_SYSTEM or not SYSTEM_HEADER.match(name)):
                yield f"{file}:{number}: evidence must not use {name}"


def heavy_headers(tree, _):
    """nlohmann/json and gRPC cost seconds for each unit that sees them: few .cc files, no header."""
    units = {"gRPC": set(), "nlohmann/json": set()}
    for file in tree.cpp():
        for number, _, name in includes(tree, file):
            grpc, json = GRPC.search(name), NLOHMANN.match(name)
            if file.endswith(".h") and (grpc or json or PROTOBUF.search(name)):
                yield f"{file}:{number}: {name} in a header"
            if not is_test(file) and grpc:
                units["gRPC"].add(file)
            if not is_test(file) and json:
                units["nlohmann/json"].add(file)
    for what, limit in (("gRPC", MAX_GRPC_UNITS), ("nlohmann/json", MAX_NLOHMANN_UNITS)):
        if len(units[what]) > limit:
            yield f"{what} in {len(units[what])} units, at most {limit}: {', '.join(sorted(units[what]))}"


def one_door(tree, _):
    """Parsers and tables reach the outside through checks/env alone."""
    for file in tree.cpp():
        if not file.startswith(DOORLESS) or is_test(file):
            continue
        for number, quote, name in includes(tree, file):
            if quote == "<" and OUTSIDE.match(name):
                yield f"{file}:{number}: <{name}> goes round checks/env"


def guards(tree, _):
    """Header guards are named after the path."""
    for file in tree.cpp():
        if not file.endswith(".h"):
            continue
        want = "TOM_" + re.sub(r"[^A-Za-z0-9]", "_", file).upper() + "_"
        text = tree.text(file)
        if f"#ifndef {want}\n#define {want}\n" not in text:
            yield f"{file}:1: the guard must be {want}"


RULES = [layering, include_paths, verifier_libraries, heavy_headers, one_door, guards]
