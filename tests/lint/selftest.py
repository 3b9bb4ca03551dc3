#!/usr/bin/env python3
"""Shows each lint rule a small bad tree that it must reject and a good one that it must accept.

A rule without an entry here fails: a rule that has never rejected anything proves nothing.
"""
import importlib.machinery
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from tree import Tree, run  # noqa: E402


def load_rules():
    loader = importlib.machinery.SourceFileLoader("lint_run", os.path.join(HERE, "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint_run", loader))
    loader.exec_module(module)
    return module.RULES


GUARDED = "#ifndef TOM_{0}_\n#define TOM_{0}_\n{1}#endif  // TOM_{0}_\n"
LONG_BODY = "int F() {\n" + "  G();\n" * 60 + "  return 1;\n}\n"
CHECK = """id: a-check
measure: backup
cases:
  - {name: a, expect: [{subject: a, verdict: pass}]}
  - {name: b, expect: [{subject: a, verdict: fail}]}
"""

# rule -> (bad trees, good trees); a tree is {path: content}, content with #! on top becomes executable.
TREES = {
    "layering": (
        [{"evidence/a.cc": '#include "checks/engine/check.h"\n'},
         {"evidence/a_test.cc": '#include "checks/engine/check.h"\n'},
         {"checks/env/a.cc": '#include "agent/spool.h"\n'},
         {"checks/parse/a.cc": '#include "checks/env/env.h"\n'},
         {"checks/engine/a.h": '#include "checks/tables/all.h"\n'},
         {"agent/a.cc": '#include "collector/store/store.h"\n'},
         {"collector/ctl/a.h": '  #  include "agent/spool.h"\n'},
         {"collector/a.cc": '#include "tests/fake.h"\n'}],
        [{"evidence/a.cc": '#include "evidence/b.h"\n#include <vector>\n',
          "checks/tables/host/a.cc": '#include "checks/parse/b.h"\n#include "checks/env/env.h"\n',
          "checks/engine/a_test.cc": '#include "checks/parse/b.h"\n',
          "agent/a.cc": '#include "checks/engine/b.h"\n#include "tom/v1/reporting.grpc.pb.h"\n',
          "collector/a.cc": '// #include "agent/a.h"\n'}]),
    "include_paths": (
        [{"agent/a.cc": '#include "spool.h"\n'}, {"agent/a.cc": '#include "../evidence/row.h"\n'}],
        [{"agent/a.cc": '#include "agent/spool.h"\n#include "absl/status/status.h"\n#include <spool.h>\n'}]),
    "verifier_libraries": (
        [{"evidence/a.cc": "#include <sqlite3.h>\n"}, {"evidence/a.h": "#include <yaml-cpp/yaml.h>\n"},
         {"evidence/a.cc": "#include <grpcpp/grpcpp.h>\n"}],
        [{"evidence/a.cc": "#include <openssl/evp.h>\n#include <zlib.h>\n#include <vector>\n#include <sys/stat.h>\n",
          "evidence/README.md": "#include <sqlite3.h>\n"}]),
    "heavy_headers": (
        [{"agent/a.h": "#include <nlohmann/json.hpp>\n"}, {"agent/a.h": '#include "tom/v1/common.pb.h"\n'},
         {"agent/a.h": "#include <grpcpp/grpcpp.h>\n"},
         {f"agent/{n}.cc": "#include <grpcpp/grpcpp.h>\n" for n in "abcdef"},
         {f"agent/{n}.cc": "#include <nlohmann/json.hpp>\n" for n in "abcd"}],
        [{"agent/a.h": "#include <nlohmann/json_fwd.hpp>\n",
          **{f"agent/{n}.cc": "#include <grpcpp/grpcpp.h>\n" for n in "abcd"},
          **{f"agent/{n}_test.cc": "#include <grpcpp/grpcpp.h>\n" for n in "abcd"}}]),
    "one_door": (
        [{"checks/parse/a.cc": "#include <fstream>\n"}, {"checks/tables/host/a.cc": "#include <sys/socket.h>\n"}],
        [{"checks/env/a.cc": "#include <fstream>\n", "checks/tables/host/a_test.cc": "#include <fstream>\n",
          "checks/tables/host/b.cc": "#include <string>\n"}]),
    "guards": (
        [{"agent/a.h": "#pragma once\n"}, {"agent/a.h": GUARDED.format("AGENT_B_H", "")}],
        [{"agent/a.h": "// What it is.\n" + GUARDED.format("AGENT_A_H", "int F();\n")}]),
    "file_size": (
        [{"agent/a.cc": "int a;\n" * 601}, {"deploy/x": "#!/bin/bash\n" + "true\n" * 600}],
        [{"agent/a.cc": "int a;\n" * 600, "tests/data/big.txt": "x\n" * 900}]),
    "function_size": (
        [{"agent/a.cc": LONG_BODY}, {"agent/a.h": LONG_BODY},
         {"agent/a_test.cc": LONG_BODY.replace("int F()", "TEST(F, Works)")},
         {"agent/a.cc": "int F(int a, int b, int c, int d, int e, int f, int g) {\n  return 1;\n}\n"},
         {"tests/a.py": "def f():\n" + "    g()\n" * 60}],
        [{"agent/a.cc": LONG_BODY.replace("  G();\n", "", 3)
          + "int H(std::map<int, int> a, std::map<int, int> b, int c, int d, int e, int f) {\n  return 1;\n}\n"}]),
    "unfinished": (
        [{"agent/a.cc": "// TODO: later\n"}, {"agent/a_test.cc": "TEST(A, DISABLED_B) {}\n"},
         {"agent/a.cc": "#if 0\n#endif\n"}, {"agent/a_test.cc": "  GTEST_SKIP();\n"},
         {"agent/a_test.cc": "  EXPECT_TRUE(true);\n"}],
        [{"agent/a.cc": "// MASTODON is a word\n#if 10\n#endif\n", "README.md": "TODO\n"}]),
    "machine_paths": (
        [{"agent/a.cc": "// see {parent}/project/notes\n"}, {"README.md": "curl https://pypi.org/simple\n"},
         {"deploy/x": "#!/bin/bash\ncd /home/mallory/x\n"}],
        [{"agent/a.cc": "// /home/alice/x and /var/lib/tom\n", "README.md": "usr{parent}/x, https://example.org\n"}]),
    "private_keys": (
        [{"tests/a.txt": "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n"},
         {"tests/a.cc": "-----BEGIN EC PRIVATE KEY-----\n" + "A" * 64 + "\n"}],
        [{"tests/a.cc": '"-----BEGIN PRIVATE KEY-----\\n"\n', "tests/b.txt": "-----BEGIN CERTIFICATE-----\n"}]),
    "quadratic_append": (
        [{"agent/a.cc": 'out = out + ", " + name;\n'}, {"agent/a.cc": "a.b = a.b + std::to_string(3);\n"}],
        [{"agent/a.cc": 'out += ", " + name;\nend = end + 1;\ntext = mytext + ".";\n',
          "agent/b.cc": 'a = b.a + ".";\n    "SET spent = spent + 1 WHERE"\n'}]),
    "scripts_parse": (
        [{"deploy/x": "#!/usr/bin/env bash\nif true; then\n"}, {"deploy/x.sh": "#!/bin/sh\necho $(\n"},
         {"tests/a.py": "def f(:\n"}, {"tests/a": "#!/usr/bin/env python3\nprint(\n"}],
        [{"deploy/x": "#!/usr/bin/env bash\nif true; then echo; fi\n", "tests/a.py": "print(1)\n"}]),
    "shell_strict": (
        [{"deploy/x": "#!/usr/bin/env bash\ntrue\n"}, {"deploy/x": "#!/bin/bash\nset -e\n"}],
        [{"deploy/x": "#!/usr/bin/env bash\nset -euo pipefail\n", "deploy/y": "#!/bin/bash\nset -uo pipefail\n"}]),
    "references": (
        [{"checks/measures/backup/measure.yaml": "references:\n  scc: [\"3\"]\n",
          "checks/measures/backup/a-check.yaml": 'references: ["GDPR 32(1)(c)"]\n'},
         {"checks/measures/backup/measure.yaml": "references:\n  gdpr: [\"32\"]\n",
          "checks/measures/backup/a-check.yaml": "title: none\n"}],
        [{"checks/measures/backup/measure.yaml": "references:\n  gdpr: [\"32\"]\n  scc: [\"3\"]\n",
          "checks/measures/backup/a-check.yaml": 'references: ["GDPR 32(1)(c)",\n  "SCC Annex II 3"]\n'}]),
    "cases": (
        [{"checks/measures/backup/a-check.yaml": CHECK},
         {"checks/measures/backup/a-check.yaml": CHECK + "#  verdict: unknown\n"},
         {"checks/measures/backup/a-check.yaml": "# verdict: pass fail unknown\nverdict: unknown\n" + CHECK},
         {"checks/measures/backup/a-check.yaml": "id: a-check\n"}],
        [{"checks/measures/backup/a-check.yaml": CHECK + "  - {expect: [{subject: a, verdict: unknown}]}\n",
          "checks/measures/backup/measure.yaml": "id: backup\n"}]),
    "names": (
        [{"checks/measures/backup/other.yaml": CHECK, "checks/measures/backup/measure.yaml": ""},
         {"checks/measures/other/a-check.yaml": CHECK, "checks/measures/other/measure.yaml": ""},
         {"checks/measures/backup/a-check.yaml": CHECK}],
        [{"checks/measures/backup/a-check.yaml": CHECK, "checks/measures/backup/measure.yaml": ""}]),
    "every_test_built": (
        [{"agent/a_test.cc": "int a;\n", "b/compile_commands.json": "[]"}, {"agent/a_test.cc": "int a;\n"}],
        [{"agent/a_test.cc": "int a;\n",
          "b/compile_commands.json": json.dumps([{"directory": "{root}/b", "file": "{root}/agent/a_test.cc"}])}]),
    "tests_are_tests": (
        [{"collector/ctl/commands/check_test.cc": "Command check_test_command() {}\n"},
         {"agent/a_test.cc": "// TEST(A, B)\n", "agent/b.h": ""}, {"agent/a.cc": "TEST(A, B) {}\n"}],
        [{"agent/a_test.cc": "TEST_F(A, B) {}\n", "agent/world_test.cc": "int a;\n", "agent/world.h": "extern int a;\n",
          "agent/a.cc": "int A() { return LATEST(1); }\n"}]),
    "tests_registered": (
        [{"agent/CMakeLists.txt": "add_executable(a_test a_test.cc)\n"}, {"tests/a_test.py": "\n"},
         {"tests/a_test.py": "\n", "tests/CMakeLists.txt": "# a_test.py\n"}],
        [{"agent/CMakeLists.txt": "add_executable(a_test a_test.cc)\nadd_test(NAME a COMMAND a_test)\n"},
         {"tests/a_test.py": "\n", "tests/CMakeLists.txt": "add_test(NAME a COMMAND ${HERE}/a_test.py)\n"}]),
    "format_is_clean": (
        [{"agent/a.cc": "int  a ;\n"}],
        [{"agent/a.cc": "int a;\n"}]),
}


class SelfTest(unittest.TestCase):
    def findings(self, rule, content):
        root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, root)
        for path, text in {".clang-format": "BasedOnStyle: Google\n", **content}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text.replace("{root}", root).replace("{parent}", os.path.dirname(root)))
            if text.startswith("#!"):
                os.chmod(full, 0o755)
        return list(rule(Tree(root), os.path.join(root, "b")))

    def test_every_rule_has_its_trees(self):
        self.assertEqual(sorted(load_rules()), sorted(TREES))

    def test_bad_trees_are_rejected(self):
        rules = load_rules()
        for name, (bad, _) in TREES.items():
            for content in bad:
                with self.subTest(rule=name, tree=list(content)):
                    self.assertTrue(self.findings(rules[name], content), "accepted a bad tree")

    def test_good_trees_are_accepted(self):
        rules = load_rules()
        for name, (_, good) in TREES.items():
            for content in good:
                with self.subTest(rule=name, tree=list(content)):
                    self.assertEqual(self.findings(rules[name], content), [])

    def registry(self, *files):
        """Status and words of CMake, asked for a registry over these files."""
        root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, root)
        for name, text in files:
            with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                file.write(text)
        with open(os.path.join(root, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.25)\nproject(a NONE)\n"
                       f"include({HERE}/../../cmake/registry.cmake)\n"
                       "tom_registry(${CMAKE_BINARY_DIR}/all.cc HEADER a.h TYPE A SUFFIX _a FUNCTION All FOLDERS .)\n")
        return run(["cmake", "-S", root, "-B", os.path.join(root, "b")])

    def test_a_registry_refuses_what_its_name_would_leave_out(self):
        for name, text in (("check_test.cc", "A check_test_a() {}\n"), ("check_main.cc", "A check_main_a() {}\n")):
            with self.subTest(name=name):
                status, output = self.registry(("b.cc", ""), (name, text))
                self.assertNotEqual(status, 0, output)
                self.assertIn(name, output)
        status, output = self.registry(("b.cc", ""), ("b_test.cc", "TEST(B, C) {}\n"))
        self.assertEqual(status, 0, output)

    def test_a_script_that_cannot_be_executed_is_found(self):
        root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, root)
        with open(os.path.join(root, "x"), "w", encoding="utf-8") as file:
            file.write("#!/usr/bin/env bash\nset -euo pipefail\n")
        self.assertTrue(list(load_rules()["scripts_parse"](Tree(root), None)))


if __name__ == "__main__":
    unittest.main(verbosity=0)
