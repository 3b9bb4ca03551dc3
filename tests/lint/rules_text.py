"""What must not stand in the tree at all, and what every script must be able to do: parse."""
import os
import re

from tree import run

TEXT = (".cc", ".h", ".md", ".yaml", ".yml", ".py", ".sh", ".txt", ".cmake", ".json", ".proto", ".html", ".css", "")
BINARY_FOLDERS = ("tests/data/", "tests/vectors/", "tests/fuzz/corpus/")

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|\bDISABLED_\w|^\s*#\s*if 0\b|EXPECT_TRUE\(true\)|ASSERT_TRUE\(true\)|"
                        r"\bSUCCEED\(\)|GTEST_SKIP")
REGISTRIES = re.compile(r"\b(registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org|proxy\.golang\.org|"
                        r"deb\.debian\.org|index\.crates\.io|registry-1\.docker\.io)\b")
HOME = re.compile(r"(?<![\w.-])/home/(?!alice\b|bob\b|carol\b|dave\b|user\b)[a-z_][a-z0-9_-]*/")
SELF_APPEND = re.compile(r"^\s*(\w+(?:(?:\.|->)\w+)*) = \1 \+ [^;]*(?:\"|to_string|StrCat)")
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40,}")
LINT = "tests/lint/"  # the rules and their self-tests have to spell what they forbid


def texts(tree):
    for file in tree.files:
        if file.endswith(TEXT) and not file.startswith((LINT, *BINARY_FOLDERS)) and file != "LICENSE":
            yield file


def unfinished(tree, _):
    """Nothing promised, switched off or skipped: it is done or it is not there."""
    for file in texts(tree):
        if not file.endswith((".cc", ".h", ".py", ".sh", ".cmake")):
            continue
        for number, line in tree.lines(file):
            found = UNFINISHED.search(line)
            if found:
                yield f"{file}:{number}: {found.group(0).strip()}"


def machine_paths(tree, _):
    """No path of the machine it was written on, no address of a package registry."""
    parent = os.path.dirname(tree.root).rstrip("/")
    checkout = re.compile(r"(?<![\w/.~-])" + re.escape(parent) + "/") if parent else None
    for file in texts(tree):
        for number, line in tree.lines(file):
            for rule in filter(None, (checkout, REGISTRIES, HOME)):
                found = rule.search(line)
                if found:
                    yield f"{file}:{number}: {found.group(0)}"


def quadratic_append(tree, _):
    """`s = s + x` copies all of s each time."""
    for file in tree.cpp():
        for number, line in tree.lines(file):
            if SELF_APPEND.search(line):
                yield f"{file}:{number}: use += or append"


def private_keys(tree, _):
    """Keys of tests are made when the tests run."""
    for file in texts(tree):
        if PRIVATE_KEY.search(tree.text(file)):
            yield f"{file}: a private key"


def scripts_parse(tree, _):
    """bash -n and Python's compiler accept every script, and a script can be executed."""
    for file in tree.scripts("bash", "/sh"):
        status, output = run(["bash", "-n", tree.path(file)])
        if status != 0:
            yield f"{file}: {output.strip()}"
    for file in sorted(set(tree.match("*.py")) | set(tree.scripts("python3"))):
        try:
            compile(tree.text(file), file, "exec")
        except (SyntaxError, ValueError) as error:
            yield f"{file}: {error}"
    for file in tree.scripts("bash", "/sh", "python3"):
        if not os.access(tree.path(file), os.X_OK):
            yield f"{file}: has a #! line and is not executable"


def shell_strict(tree, _):
    """A shell script that goes on after a failure hides it."""
    for file in tree.scripts("bash"):
        if not re.search(r"^set -[eu]*[eu]o? ?pipefail|^set -euo pipefail|^set -uo pipefail", tree.text(file), re.M):
            yield f"{file}: wants `set -euo pipefail`"


RULES = [unfinished, machine_paths, quadratic_append, private_keys, scripts_parse, shell_strict]
