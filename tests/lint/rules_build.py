"""What the build must agree with: every test is compiled, every file is formatted, no program is left out."""
import json
import os
import re

from tree import run


def every_test_built(tree, build):
    """A *_test.cc that no target compiles checks nothing and looks as if it did."""
    if build is None:
        return
    path = os.path.join(build, "compile_commands.json")
    if not os.path.exists(path):
        yield f"{path}: missing, configure the build first"
        return
    with open(path, encoding="utf-8") as stream:
        built = {os.path.relpath(os.path.join(e["directory"], e["file"]), tree.root) for e in json.load(stream)}
    for file in tree.match("*.cc"):
        if file not in built and not file.startswith("tests/fuzz/"):
            yield f"{file}: is compiled by no target"


def tests_registered(tree, _):
    """A target made of tests must be known to ctest."""
    for file in tree.match("CMakeLists.txt", "*/CMakeLists.txt"):
        text = tree.text(file)
        for name in re.findall(r"add_executable\((\w+_test)\b", text):
            if not re.search(rf"add_test\(.*\b{name}\b", text):
                yield f"{file}: {name} is not in add_test"


def format_is_clean(tree, _):
    """clang-format 14 would change nothing."""
    files = tree.cpp()
    for start in range(0, len(files), 50):
        _, output = run(["clang-format-14", "--dry-run", *files[start:start + 50]], cwd=tree.root)
        seen = set()
        for line in output.splitlines():
            found = re.match(r"(.+?):(\d+):\d+: (?:warning|error):", line)
            if found and found.group(1) not in seen:
                seen.add(found.group(1))
                yield f"{found.group(1)}:{found.group(2)}: not as clang-format-14 writes it"


RULES = [every_test_built, tests_registered, format_is_clean]
