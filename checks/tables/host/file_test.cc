#include <gtest/gtest.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/engine/sql_engine.h"
#include "checks/env/errno_status.h"
#include "checks/env/fake_env.h"

namespace tom {

Table file_table();

namespace {

// The first column of each row, and what was not read.
struct Result {
  std::vector<std::string> rows;
  std::vector<std::string> incomplete;
};

Result Query(FakeEnv& env, const std::string& sql) {
  auto engine = SqlEngine::Create({file_table()}, env, {});
  if (!engine.ok()) return {{}, {engine.status().ToString()}};
  const auto result = (*engine)->Run(sql, {});
  if (!result.ok()) return {{}, {result.status().ToString()}};
  Result out{{}, result->incomplete};
  for (const ValueRow& row : result->rows) {
    std::string text;
    for (const Value& value : row) text += (text.empty() ? "" : "|") + ValueText(value);
    out.rows.push_back(text);
  }
  return out;
}

using Texts = std::vector<std::string>;

void AddTree(FakeEnv& env) {
  env.AddFile("/etc/a.conf", "12345", 0640)
      .AddFile("/etc/b.conf", "", 0644)
      .AddFile("/etc/c.txt", "", 0644)
      .AddFile("/etc/d.conf.d/e.conf", "", 0600)
      .AddLink("/etc/link", "a.conf")
      .AddLink("/etc/gone", "/nowhere")
      .AddLink("/etc/loop", "loop")
      .AddNode("/etc/fifo", {.kind = FileKind::kFifo, .mode = 0666})
      .AddLink("/etc/up", "/etc");
}

TEST(FileTable, FindsByEachKindOfConstraint) {
  FakeEnv env;
  AddTree(env);
  const std::pair<const char*, Texts> cases[] = {
      {"path = '/etc/a.conf'", {"/etc/a.conf"}},
      {"path = '/'", {"/"}},
      {"path = '/etc/'", {"/etc/"}},
      {"path = '/nothing'", {}},
      {"path = NULL", {}},
      {"path IN ('/etc/a.conf', '/etc/c.txt', '/x')", {"/etc/a.conf", "/etc/c.txt"}},
      {"path LIKE '/etc/%.conf'", {"/etc/a.conf", "/etc/b.conf"}},
      {"path LIKE '/etc/a.conf'", {"/etc/a.conf"}},
      {"path LIKE '/%/d%/%.conf'", {"/etc/d.conf.d/e.conf"}},
      {"path LIKE '/etc/d.conf.d/%%'", {"/etc/d.conf.d/e.conf"}},
      {"directory = '/etc/d.conf.d'", {"/etc/d.conf.d/e.conf"}},
      {"directory LIKE '/etc/d%'", {"/etc/d.conf.d/e.conf"}},
      {"directory = '/etc' AND filename = 'fifo'", {"/etc/fifo"}},
      {"directory = '/etc' AND path LIKE '%.txt'", {"/etc/c.txt"}},
  };
  for (const auto& [where, wanted] : cases) {
    const Result result = Query(env, std::string("SELECT path FROM file WHERE ") + where);
    EXPECT_EQ(result.rows, wanted) << where;
    EXPECT_EQ(result.incomplete, Texts()) << where;
  }
}

TEST(FileTable, RecursionEndsAtLinks) {
  FakeEnv env;
  AddTree(env);
  const Result result = Query(env, "SELECT path FROM file WHERE path LIKE '/%%'");
  EXPECT_EQ(result.rows.size(), 11u) << "all but the root itself, each once";
  EXPECT_EQ(result.incomplete, Texts());
}

TEST(FileTable, DescribesWhatItFinds) {
  FakeEnv env;
  AddTree(env);
  const char* columns =
      "SELECT path, directory, filename, mode, size, type, symlink, symlink_target_path, others, "
      "others_reach FROM file WHERE path = '";
  const std::pair<const char*, const char*> cases[] = {
      {"/etc/a.conf", "/etc/a.conf|/etc|a.conf|0640|5|regular|0||0|1"},
      {"/etc/link", "/etc/link|/etc|link|0640|5|regular|1|a.conf|0|1"},
      {"/etc/gone", "/etc/gone|/etc|gone|0777|0|symlink|1|/nowhere||"},
      {"/etc/loop", "/etc/loop|/etc|loop|0777|0|symlink|1|loop||"},
      {"/etc/fifo", "/etc/fifo|/etc|fifo|0666|0|fifo|0||6|1"},
      {"/etc", "/etc|/|etc|0755|0|directory|0||5|1"},
  };
  for (const auto& [path, wanted] : cases) {
    const Result result = Query(env, std::string(columns) + path + "'");
    ASSERT_EQ(result.rows.size(), 1u) << path;
    EXPECT_EQ(result.rows[0], wanted);
    EXPECT_EQ(result.incomplete, Texts()) << path;
  }
}

TEST(FileTable, OthersReachIsTheWholeWaysAndTheTargets) {
  FakeEnv env;
  env.AddDirectory("/closed", 0700)
      .AddFile("/closed/open/f", "", 0666)
      .AddDirectory("/free", 0711)
      .AddFile("/free/f", "", 0666)
      .AddLink("/to_closed", "/closed/open/f")
      .AddLink("/closed/to_free", "/free/f")
      .AddLink("/way", "closed/open");
  const std::pair<const char*, const char*> cases[] = {
      {"/closed/open/f", "0"}, {"/closed", "1"}, {"/free/f", "1"},
      {"/to_closed", "0"},     {"/way/f", "0"},  {"/closed/to_free", "1"},
  };
  for (const auto& [path, wanted] : cases) {
    const Result result =
        Query(env, std::string("SELECT others_reach FROM file WHERE path = '") + path + "'");
    EXPECT_EQ(result.rows, Texts{wanted}) << path;
  }
}

TEST(FileTable, SaysWhatItCouldNotRead) {
  FakeEnv env;
  AddTree(env);
  env.AddError("/etc/d.conf.d", ErrnoStatus(EACCES, "/etc/d.conf.d"));
  const std::pair<const char*, const char*> cases[] = {
      {"path = '/etc/d.conf.d/e.conf'", "/etc/d.conf.d: Permission denied (EACCES)"},
      {"path LIKE '/etc/d%/%'", "/etc/d.conf.d: Permission denied (EACCES)"},
      {"directory = '/etc/d.conf.d'", "/etc/d.conf.d: Permission denied (EACCES)"},
      {"path = 'etc/passwd'", "path: etc/passwd is not absolute"},
      {"directory = 'etc'", "directory: etc is not absolute"},
      {"path LIKE '%.conf'", "a path or pattern has to be absolute"},
      {"path LIKE '/%%/x'", "%% can only be the last name of a pattern"},
      {"filename = 'x'", "name the files: WHERE path = …, path LIKE … or directory = …"},
  };
  for (const auto& [where, reason] : cases) {
    const Result result = Query(env, std::string("SELECT path FROM file WHERE ") + where);
    ASSERT_EQ(result.incomplete.size(), 1u) << where;
    EXPECT_EQ(result.incomplete[0], std::string("file: ") + reason) << where;
    EXPECT_TRUE(result.rows.empty()) << where;
  }
}

TEST(FileTable, StopsAtItsBounds) {
  FakeEnv deep;
  std::string path;
  for (int i = 0; i < 40; ++i) path += "/d";
  deep.AddFile(path, "");
  const Result shallow = Query(deep, "SELECT path FROM file WHERE path LIKE '/%%'");
  EXPECT_EQ(shallow.rows.size(), 32u);
  ASSERT_EQ(shallow.incomplete.size(), 1u);
  EXPECT_NE(shallow.incomplete[0].find("deeper than 32"), std::string::npos);

  FakeEnv wide;  // its clock goes on by 1 ms a look
  for (int i = 0; i < 30000; ++i) wide.AddFile("/w/" + std::to_string(i), "");
  const Result late = Query(wide, "SELECT count(*) FROM file WHERE directory = '/w'");
  ASSERT_EQ(late.incomplete.size(), 1u);
  EXPECT_NE(late.incomplete[0].find("took longer"), std::string::npos);
}

TEST(FileTable, HostileNamesAreOnlyBytes) {
  FakeEnv env;
  const std::string name = "/h/\xff'\"\n\x1b[31m%_";
  env.AddFile(name, "");
  const Result result = Query(env, "SELECT path FROM file WHERE directory = '/h'");
  EXPECT_EQ(result.rows, Texts{name});
}

}  // namespace
}  // namespace tom
