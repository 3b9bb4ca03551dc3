// The digests that coreutils' programs give.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "checks/engine/scan.h"
#include "checks/env/env_posix.h"
#include "checks/env/fake_env.h"

namespace tom {

Table hash_table();

namespace {

namespace fs = std::filesystem;

std::string FirstWord(const std::string& command) {
  std::array<char, 256> buffer{};
  FILE* pipe = popen(command.c_str(), "r");
  const bool read = fgets(buffer.data(), buffer.size(), pipe) != nullptr;
  pclose(pipe);
  const std::string line = read ? buffer.data() : "";
  return line.substr(0, line.find(' '));
}

struct Seen {
  std::map<std::string, std::string> rows;  // path -> "md5 sha1 sha256", NULL "-"
  std::string incomplete;
};

Seen Hash(Env& env, const std::string& column, Constraint::Kind kind, const std::string& value) {
  const Declared declared;
  TableContext context{.declared = declared, .constraints = {}};
  if (!column.empty()) context.constraints = {{.column = column, .kind = kind, .value = value}};
  const Scan scan = ScanTable(hash_table(), env, context, nullptr);
  Seen seen;
  for (const std::string& reason : scan.incomplete) seen.incomplete += reason + "\n";
  for (const ValueRow& row : scan.rows) {
    std::string digests;
    for (size_t i = 2; i < 5; ++i) {
      digests += (i == 2 ? "" : " ") + (IsNull(row[i]) ? "-" : ValueText(row[i]));
    }
    seen.rows[ValueText(row[0])] = digests;
  }
  return seen;
}

TEST(Hash, AgreesWithCoreutils) {
  std::string pattern = testing::TempDir() + "hashXXXXXX";
  const fs::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "small") << "content\n";
  std::ofstream(folder / "empty");
  std::ofstream(folder / "pieces") << std::string(3 << 20, 'x') << "end";
  fs::create_directory(folder / "directory");
  fs::create_symlink("small", folder / "link");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_symlink("loop", folder / "loop");
  mkfifo((folder / "fifo").c_str(), 0600);
  const auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  const Seen seen = Hash(**env, "directory", Constraint::Kind::kEqual, folder);
  EXPECT_EQ(seen.incomplete, "");
  ASSERT_EQ(seen.rows.size(), 4u);  // files, and the link to one
  for (const auto& [path, digests] : seen.rows) {
    std::string expected;
    for (const char* program : {"md5sum", "sha1sum", "sha256sum"}) {
      expected += (expected.empty() ? "" : " ") + FirstWord(program + (" " + path));
    }
    EXPECT_EQ(digests, expected) << path;
  }
  EXPECT_EQ(Hash(**env, "path", Constraint::Kind::kEqual, folder / "small").rows.size(), 1u);
  EXPECT_EQ(Hash(**env, "path", Constraint::Kind::kLike, folder / "%m%").rows.size(), 2u);
  EXPECT_TRUE(Hash(**env, "path", Constraint::Kind::kEqual, folder / "fifo").rows.empty());
  EXPECT_TRUE(Hash(**env, "path", Constraint::Kind::kEqual, "/dev/zero").rows.empty());
  fs::remove_all(folder);
}

TEST(Hash, IsBoundedAndSaysSo) {
  FakeEnv env;
  FileInfo large{.kind = FileKind::kRegular, .mode = 0600, .size = int64_t{1} << 40};
  env.AddNode("/big/sparse", large);
  const Seen seen = Hash(env, "path", Constraint::Kind::kEqual, "/big/sparse");
  EXPECT_EQ(seen.rows.at("/big/sparse"), "- - -");
  EXPECT_EQ(seen.incomplete, "hash: /big/sparse: larger than 64 MiB\n");

  FileInfo lies{.kind = FileKind::kRegular, .mode = 0600, .size = 1000};
  env.AddNode("/lies/shorter", lies);  // its content is empty: it shrank meanwhile
  const Seen changed = Hash(env, "directory", Constraint::Kind::kEqual, "/lies");
  EXPECT_EQ(changed.rows.at("/lies/shorter"), "- - -");
  EXPECT_NE(changed.incomplete.find("changed while it was read"), std::string::npos);

  env.AddFile("/closed/file", "x").AddError("/closed/file", absl::PermissionDeniedError("EACCES"));
  EXPECT_NE(Hash(env, "directory", Constraint::Kind::kEqual, "/closed").incomplete, "");
  EXPECT_NE(Hash(env, "", Constraint::Kind::kEqual, "").incomplete, "");
  EXPECT_NE(Hash(env, "path", Constraint::Kind::kEqual, "relative").incomplete, "");
}

}  // namespace
}  // namespace tom
