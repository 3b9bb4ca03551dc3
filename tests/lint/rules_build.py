"""What the build must agree with: every test is one and is compiled and run, every file is formatted."""
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


TEST = re.compile(r"^(TYPED_)?TEST(_F|_P)?\(", re.M)


def tests_are_tests(tree, _):
    """*_test.cc is left out of libraries: product code of such a name would silently not be there."""
    for file in tree.match("*_test.cc"):
        helper = file[:-len("_test.cc")] + ".h"  # fakes and worlds of several tests
        if not TEST.search(tree.text(file)) and helper not in tree.files:
            yield f"{file}: has no TEST, and no {helper} declares what else it is"
    for file in tree.match("*.cc"):
        if not file.endswith("_test.cc") and TEST.search(tree.text(file)):
            yield f"{file}: has a TEST and is not named *_test.cc"


def tests_registered(tree, _):
    """A target made of tests, or a test in Python, must be known to ctest."""
    files = tree.match("CMakeLists.txt", "*/CMakeLists.txt")
    texts = "\n".join(tree.text(file) for file in files)
    for file in tree.match("*_test.py"):
        if not re.search(rf"add_test\(.*/{re.escape(os.path.basename(file))}\b", texts):
            yield f"{file}: is in no add_test"
    for file in files:
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


RULES = [every_test_built, tests_are_tests, tests_registered, format_is_clean]
