// tls_server_configs over the trees of tests/data/server_configs, and over what no tree of a
// repository can hold: FIFOs, loops, ten thousand files.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "checks/engine/scan.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"

namespace tom {

Table tls_server_configs_table();

namespace {

namespace fs = std::filesystem;
using Cells = std::map<std::string, std::string>;

struct Result {
  std::vector<Cells> rows;
  std::vector<std::string> incomplete;
};

Result ScanConfigs(Env& env) {
  const Table table = tls_server_configs_table();
  const Declared declared;
  const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
  Result result;
  result.incomplete = scan.incomplete;
  for (const ValueRow& row : scan.rows) {
    Cells& cells = result.rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells[table.columns[i].name] = IsNull(row[i]) ? "?" : ValueText(row[i]);
    }
  }
  return result;
}

std::string Line(const Cells& cells) {
  const bool none = cells.at("minimum_version") == "?" && cells.at("is_default") == "1" &&
                    cells.at("problem") == "?";
  std::string weak = cells.at("weak_ciphers");
  if (weak.empty()) weak = "-";
  return cells.at("server") + " | " + cells.at("context") + " | " +
         (none ? "default" : cells.at("minimum_version")) + " | " + cells.at("plaintext_allowed") +
         " | " + weak;
}

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '|');) {
    field.erase(0, field.find_first_not_of(' '));
    field.erase(field.find_last_not_of(' ') + 1);
    fields.push_back(field);
  }
  return fields;
}

fs::path DataFolder() { return TOM_SOURCE_DIR "/tests/data/server_configs"; }

std::vector<fs::path> Trees() {
  std::vector<fs::path> trees;
  for (const auto& entry : fs::directory_iterator(DataFolder())) {
    if (entry.is_directory()) trees.push_back(entry.path());
  }
  std::sort(trees.begin(), trees.end());
  return trees;
}

class ServerConfigTrees : public testing::TestWithParam<fs::path> {};

TEST_P(ServerConfigTrees, GiveTheRowsExpected) {
  auto env = OpenPosixEnv(RootMode::kDeadTree, GetParam() / "root");
  ASSERT_TRUE(env.ok());
  const Result result = ScanConfigs(**env);
  std::ifstream file(GetParam() / "expect.txt");
  std::vector<std::vector<std::string>> expected;
  bool problem = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "problem") {
      problem = true;
    } else if (!line.empty()) {
      expected.push_back(Fields(line));
    }
  }
  std::string seen;
  for (const Cells& cells : result.rows) seen += Line(cells) + "   " + cells.at("problem") + "\n";
  for (const std::string& reason : result.incomplete) seen += "problem: " + reason + "\n";
  EXPECT_EQ(problem, !result.incomplete.empty()) << seen;
  ASSERT_EQ(result.rows.size(), expected.size()) << seen;
  for (size_t i = 0; i < expected.size(); ++i) {
    const std::vector<std::string> fields = Fields(Line(result.rows[i]));
    ASSERT_EQ(expected[i].size(), 5u);
    EXPECT_EQ(fields[0], expected[i][0]) << seen;
    EXPECT_NE(fields[1].find(expected[i][1]), std::string::npos) << seen;
    for (size_t k = 2; k < 5; ++k)
      EXPECT_EQ(fields[k], expected[i][k]) << "field " << k << "\n" << seen;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ServerConfigTrees, testing::ValuesIn(Trees()), [](const auto& one) {
  std::string name = one.param.filename();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ServerConfigs, ThereAreEnoughTrees) { EXPECT_GE(Trees().size(), 40u); }

TEST(ServerConfigs, AnEmptyHostHasNone) {
  FakeEnv env;
  const Result result = ScanConfigs(env);
  EXPECT_TRUE(result.rows.empty());
  EXPECT_TRUE(result.incomplete.empty());
}

// Whatever stands where a file should: a row that is not told, or a scan that says so. Never a row
// that looks fine.
TEST(ServerConfigs, OddFilesAreNeverTakenForGood) {
  const char* mains[] = {"/etc/nginx/nginx.conf",
                         "/etc/apache2/apache2.conf",
                         "/etc/haproxy/haproxy.cfg",
                         "/etc/postgresql/15/main/postgresql.conf",
                         "/etc/my.cnf",
                         "/etc/postfix/main.cf",
                         "/etc/dovecot/dovecot.conf",
                         "/etc/ssl/openssl.cnf"};
  struct Odd {
    const char* name;
    void (*make)(FakeEnv& env, const std::string& path);
  };
  const Odd odds[] = {
      {"FIFO",
       [](FakeEnv& env, const std::string& path) { env.AddNode(path, {.kind = FileKind::kFifo}); }},
      {"NUL",
       [](FakeEnv& env, const std::string& path) {
         env.AddFile(path, std::string("ssl_min_protocol = TLSv1.3\n\0\n", 29));
       }},
      {"denied",
       [](FakeEnv& env, const std::string& path) {
         env.AddFile(path, "").AddError(path, ErrnoStatus(EACCES, path));
       }},
      {"a loop of links", [](FakeEnv& env, const std::string& path) { env.AddLink(path, path); }},
      {"too large", [](FakeEnv& env,
                       const std::string& path) { env.AddFile(path, std::string(2 << 20, '\n')); }},
  };
  for (const char* path : mains) {
    for (const Odd& odd : odds) {
      FakeEnv env;
      odd.make(env, path);
      env.AddFile("/etc/postfix/master.cf", "smtp inet n - y - - smtpd\n");
      env.AddDirectory("/var/lib/mysql");
      const Result result = ScanConfigs(env);
      const std::string what = std::string(path) + " " + odd.name;
      bool said = !result.incomplete.empty();
      for (const Cells& cells : result.rows) {
        EXPECT_EQ(cells.at("minimum_version"), "?") << what;
        EXPECT_NE(cells.at("plaintext_allowed"), "0") << what;
        said = said || cells.at("problem") != "?";
      }
      EXPECT_TRUE(said) << what;
    }
  }
}

TEST(ServerConfigs, TenThousandFilesEndInOneProblem) {
  FakeEnv env;
  env.AddFile("/etc/nginx/nginx.conf",
              "http { ssl_protocols TLSv1.2; include d/*.conf; server { listen 443 ssl; } }");
  for (int i = 0; i < 10000; ++i) {
    env.AddFile("/etc/nginx/d/" + std::to_string(i) + ".conf", "# nothing\n");
  }
  const Result result = ScanConfigs(env);
  EXPECT_EQ(result.rows.size(), 1u);
  EXPECT_FALSE(result.incomplete.empty());
}

TEST(ServerConfigs, IncludesThatMultiplyEnd) {
  FakeEnv env;
  env.AddFile("/etc/nginx/nginx.conf", "http { include a0; server { listen 443 ssl; } }");
  for (int i = 0; i < 14; ++i) {
    const std::string next = "include a" + std::to_string(i + 1) + ";";
    env.AddFile("/etc/nginx/a" + std::to_string(i), next + next + next + next);
  }
  env.AddFile("/etc/nginx/a14", "gzip on;");
  EXPECT_FALSE(ScanConfigs(env).incomplete.empty());
}

TEST(ServerConfigs, LinksStayInsideTheTree) {
  const fs::path root = fs::temp_directory_path() / ("tom-configs-" + std::to_string(getpid()));
  fs::create_directories(root / "etc/nginx");
  std::ofstream(root / "etc/nginx/nginx.conf")
      << "http { include /etc/nginx/out.conf; server { listen 443 ssl; } }";
  fs::create_symlink("/../../../../../../etc/hostname", root / "etc/nginx/out.conf");
  auto env = OpenPosixEnv(RootMode::kDeadTree, root);
  ASSERT_TRUE(env.ok());
  const Result result = ScanConfigs(**env);
  fs::remove_all(root);
  ASSERT_EQ(result.incomplete.size(), 1u);
  EXPECT_NE(result.incomplete[0].find("No such file"), std::string::npos) << result.incomplete[0];
}

}  // namespace
}  // namespace tom
