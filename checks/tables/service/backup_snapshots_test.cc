#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "checks/engine/scan.h"
#include "checks/env/env_posix.h"
#include "checks/env/fake_env.h"
#include "checks/tables/backup_kinds.h"

namespace tom {

Table backup_snapshots_table();

namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

DeclaredBackup Files(const std::string& path) {
  DeclaredBackup backup;
  backup.name = "db";
  backup.kind = "files";
  backup.path = path;
  return backup;
}

std::string Cell(const ValueRow& row, const std::string& name) {
  const Table table = backup_snapshots_table();
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return IsNull(row[i]) ? "NULL" : ValueText(row[i]);
  }
  ADD_FAILURE() << name;
  return "";
}

std::vector<ValueRow> RowsOf(Env& env, const DeclaredBackup& backup,
                             const std::vector<DeclaredPath>& data = {}) {
  Declared declared;
  declared.backups = {backup};
  declared.data_paths = data;
  const Scan scan =
      ScanTable(backup_snapshots_table(), env, {.declared = declared, .constraints = {}}, nullptr);
  EXPECT_TRUE(scan.incomplete.empty()) << scan.incomplete[0];
  return scan.rows;
}

TEST(BackupSnapshots, FilesNewestFirstWithTheUsualSize) {
  FakeEnv env;
  for (int i = 1; i <= 12; ++i) {
    const std::string path = "/b/db-" + std::string(1, static_cast<char>('a' + i)) + ".sql";
    env.AddFile(path, "-- MySQL dump\n" + std::string(static_cast<size_t>(i), 'x') +
                          "\n-- Dump completed\n");
    env.SetModified(path, 1700000000 + i);
  }
  env.AddLink("/b/db-z.sql", "/b/db-a.sql").AddDirectory("/b/db-y.sql").AddFile("/b/.db-x.sql", "");
  const auto rows = RowsOf(env, Files("/b/db-*.sql"));
  ASSERT_EQ(rows.size(), 10u);
  EXPECT_EQ(Cell(rows[0], "snapshot"), "/b/db-m.sql");
  EXPECT_EQ(Cell(rows[0], "found"), "12");
  EXPECT_EQ(Cell(rows[0], "newest"), "1");
  EXPECT_EQ(Cell(rows[1], "newest"), "0");
  EXPECT_EQ(Cell(rows[0], "format"), "sql");
  EXPECT_EQ(Cell(rows[0], "complete"), "1");
  EXPECT_EQ(Cell(rows[0], "encrypted"), "0");
  EXPECT_EQ(Cell(rows[0], "size_bytes"), "45");
  EXPECT_EQ(Cell(rows[0], "usual_bytes"), "42");
  EXPECT_EQ(Cell(rows[1], "complete"), "NULL");
}

TEST(BackupSnapshots, NothingIsFoundOrNothingCanBeSaid) {
  const auto only = [](const std::function<void(FakeEnv&)>& fill, const std::string& pattern) {
    FakeEnv env;
    env.AddDirectory("/b");
    fill(env);
    const auto rows = RowsOf(env, Files(pattern));
    return rows.size() == 1 ? Cell(rows[0], "found") + "|" + Cell(rows[0], "error") : "rows";
  };
  EXPECT_EQ(only([](FakeEnv&) {}, "/b/*.gz"), "0|NULL");
  EXPECT_EQ(only([](FakeEnv&) {}, "/gone/*.gz"), "0|NULL");
  EXPECT_THAT(only([](FakeEnv& env) { env.AddLink("/b/a.gz", "/nowhere"); }, "/b/*.gz"),
              HasSubstr("no regular files"));
  EXPECT_THAT(
      only([](FakeEnv& env) { env.AddNode("/b/a.gz", {.kind = FileKind::kFifo}); }, "/b/*.gz"),
      HasSubstr("no regular files"));
  EXPECT_THAT(
      only([](FakeEnv& env) { env.AddError("/b", absl::PermissionDeniedError("/b: EACCES")); },
           "/b/*.gz"),
      HasSubstr("EACCES"));
  EXPECT_EQ(only([](FakeEnv& env) { env.AddFile("/b/a.gz", ""); }, "/b/*.gz"), "1|NULL");
}

TEST(BackupSnapshots, OtherKindsAndForeignRepositoriesSayThatTheyAreNotExamined) {
  struct Case {
    const char* kind;
    const char* repository;
    const char* error;
  };
  const Case cases[] = {
      {"borg", "ssh://host/srv", "repository: only absolute local paths are examined"},
      {"borg", "/srv/borg", "/srv/borg: No such file or directory (ENOENT)"},
      {"btrfs", "/srv",
       "the kernel shows when btrfs' snapshots were made to CAP_SYS_ADMIN alone: let "
       "btrfs subvolume show write an info_file"},
      {"zfs", "-o", "repository: no name of a dataset"},
      {"restic", "rclone:remote:x", "repository: only absolute local paths are examined"},
      {"restic", "sftp:host:/x", "repository: only absolute local paths are examined"},
      {"restic", "-o", "repository: only absolute local paths are examined"},
      {"restic", "/srv/../etc", "repository: a path that is not plain"},
  };
  for (const Case& c : cases) {
    FakeEnv env;
    DeclaredBackup backup;
    backup.name = "vault";
    backup.kind = c.kind;
    backup.repository = c.repository;
    backup.password_file = "/p";
    const auto rows = RowsOf(env, backup);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(Cell(rows[0], "error"), c.error);
    EXPECT_EQ(Cell(rows[0], "found"), "NULL");
  }
}

TEST(BackupSnapshots, ResticsAnswerIsRead) {
  const auto content = ParseResticSnapshots(
      R"([{"time":"2026-11-22T07:15:40.761325372+01:00","id":"aa","paths":["/srv/data"],"username":"root"},)"
      R"({"time":"2026-11-23T06:15:40Z","id":"bb","paths":["/srv"]}])");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->found, 2);
  EXPECT_EQ(content->snapshots[0].id, "bb");
  EXPECT_EQ(content->snapshots[1].time, 1795328140);
  EXPECT_FALSE(content->snapshots[0].complete.has_value());
  EXPECT_EQ(ParseResticSnapshots("[]")->found, 0);
  EXPECT_EQ(ParseResticSnapshots("null")->found, 0);
  for (const char* bad : {"", "{}", "[{}]", R"([{"id":"a"}])", R"([{"id":"a","time":"yesterday"}])",
                          R"([{"id":"a","time":"2026-11-22T07:15:40"}])",
                          R"([{"id":"a","time":"2026-11-22T07:15:40.1+1:00"}])"}) {
    EXPECT_FALSE(ParseResticSnapshots(bad).ok()) << bad;
  }
}

// A repository of its own, made by restic.
class ResticRepository : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "restic_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    std::ofstream(root_ / "pass") << "correct\n";
    fs::create_directories(root_ / "data");
    std::ofstream(root_ / "data/file") << "words\n";
    ASSERT_TRUE(Restic("init -q"));
    auto env = OpenPosixEnv(RootMode::kLive, "/");
    ASSERT_TRUE(env.ok());
    env_ = *std::move(env);
  }
  void TearDown() override {
    if (!root_.empty()) fs::remove_all(root_);
  }

  bool Restic(const std::string& arguments) const {
    const std::string command = "restic --no-cache -r " + (root_ / "repo").string() + " -p " +
                                (root_ / "pass").string() + " " + arguments + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }
  bool Backup(const std::string& more = "") const {
    return Restic("backup -q " + more + " " + (root_ / "data").string());
  }

  std::vector<ValueRow> Rows(const std::string& password = "pass") {
    DeclaredBackup backup;
    backup.name = "vault";
    backup.kind = "restic";
    backup.repository = root_ / "repo";
    backup.password_file = root_ / password;
    backup.covers = {root_.string()};
    return RowsOf(*env_, backup, {{root_ / "data", {}}, {"/srv/elsewhere", {}}});
  }
  std::string Error(const std::string& password = "pass") {
    const auto rows = Rows(password);
    return rows.size() == 1 ? Cell(rows[0], "error") : "rows";
  }

  fs::path root_;
  std::unique_ptr<Env> env_;
};

TEST_F(ResticRepository, AnEmptyOneHasNoCopy) {
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(Cell(rows[0], "found"), "0");
  EXPECT_EQ(Cell(rows[0], "error"), "NULL");
}

TEST_F(ResticRepository, TimesAreTheSnapshotsOwn) {
  ASSERT_TRUE(Backup("--time '2020-02-03 04:05:06'"));
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(Cell(rows[0], "time"), "1580702706");
  ASSERT_TRUE(Backup());
  rows = Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(Cell(rows[0], "newest"), "1");
  EXPECT_NEAR(static_cast<double>(std::get<int64_t>(rows[0][7])), static_cast<double>(env_->Now()),
              120);
  EXPECT_EQ(Cell(rows[0], "encrypted"), "1");
  EXPECT_EQ(Cell(rows[0], "complete"), "1") << Cell(rows[0], "doubt");
  const std::string data = "[\"" + (root_ / "data").string() + "\"]";
  EXPECT_EQ(Cell(rows[0], "covers"), data);
  EXPECT_EQ(Cell(rows[0], "contains"), data);
}

TEST_F(ResticRepository, AWrongOrMissingPasswordIsSaid) {
  ASSERT_TRUE(Backup());
  std::ofstream(root_ / "wrong") << "incorrect\n";
  EXPECT_THAT(Error("wrong"), HasSubstr("wrong password"));
  EXPECT_THAT(Error("missing"), HasSubstr("missing"));
  ASSERT_EQ(mkfifo((root_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(Error("fifo"), HasSubstr("no regular file"));
}

// The host's own restic reads what lies in a tree, and nothing outside of it.
TEST_F(ResticRepository, InAnotherRootItIsReadByDescriptors) {
  ASSERT_TRUE(Backup());
  std::ofstream(root_ / "outside") << "correct\n";
  fs::create_directories(root_ / "tree/srv");
  fs::rename(root_ / "repo", root_ / "tree/srv/repo");
  fs::rename(root_ / "pass", root_ / "tree/pass");
  fs::create_symlink("/srv", root_ / "tree/here");
  fs::create_symlink(root_ / "outside", root_ / "tree/out");
  fs::create_symlink(root_ / "tree/srv", root_ / "tree/away");
  for (const RootMode mode : {RootMode::kDeadTree, RootMode::kHostRoot}) {
    const auto env = OpenPosixEnv(mode, root_ / "tree");
    ASSERT_TRUE(env.ok());
    const auto examine = [&](const std::string& repository, const std::string& password) {
      DeclaredBackup backup;
      backup.name = "vault";
      backup.kind = "restic";
      backup.repository = repository;
      backup.password_file = password;
      const auto rows = RowsOf(**env, backup);
      return Cell(rows.at(0), "found") + "|" + Cell(rows.at(0), "error");
    };
    EXPECT_EQ(examine("/srv/repo", "/pass"), "1|NULL");
    EXPECT_EQ(examine("/here/repo", "/pass"), "1|NULL");
    EXPECT_THAT(examine("/srv/repo", "/out"), HasSubstr("/out"));
    EXPECT_THAT(examine("/away/repo", "/pass"), HasSubstr("/away/repo"));
    EXPECT_THAT(examine((root_ / "tree/srv/repo").string(), "/pass"), HasSubstr("NULL|"));
    EXPECT_THAT(examine("/srv/repo/keys", "/pass"), HasSubstr("/srv/repo/keys"));
    EXPECT_FALSE((*env)
                     ->RunProgram({.path = "/usr/sbin/sshd",
                                   .arguments = {"-T"},
                                   .environment = {},
                                   .opened = {"/pass"}})
                     .ok());
    EXPECT_FALSE(
        (*env)
            ->RunProgram({.path = "/usr/bin/restic", .arguments = {"version"}, .environment = {}})
            .ok());
  }
  EXPECT_TRUE(fs::is_empty(root_ / "tree/srv/repo/locks"));
}

TEST_F(ResticRepository, LinksAndPipesInItAreRefused) {
  ASSERT_TRUE(Backup());
  fs::create_symlink("/nowhere", root_ / "repo/data/dangling");
  EXPECT_THAT(Error(), HasSubstr("has no place in a repository"));
  fs::remove(root_ / "repo/data/dangling");
  ASSERT_EQ(mkfifo((root_ / "repo/snapshots/fifo").c_str(), 0600), 0);
  EXPECT_THAT(Error(), HasSubstr("has no place in a repository"));
  fs::remove(root_ / "repo/snapshots/fifo");
  fs::rename(root_ / "repo", root_ / "real");
  fs::create_symlink(root_ / "real", root_ / "repo");
  EXPECT_THAT(Error(), HasSubstr("no directory"));
}

TEST_F(ResticRepository, DamageIsSeenWhereverItIs) {
  ASSERT_TRUE(Backup());
  const auto state = [&] {
    const auto rows = Rows();
    return rows.empty() ? "no rows" : Cell(rows[0], "complete") + " " + Cell(rows[0], "doubt");
  };
  EXPECT_THAT(state(), testing::StartsWith("1 "));
  fs::path pack;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "repo/data")) {
    if (entry.is_regular_file()) pack = entry.path();
  }
  fs::permissions(pack, fs::perms::owner_all);
  const auto kept = root_ / "kept";
  fs::copy_file(pack, kept);
  {
    std::fstream file(pack, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.put('X');
    file.put('Y');
  }
  EXPECT_THAT(state(), testing::AllOf(testing::StartsWith("0 "), HasSubstr("named after")));
  fs::resize_file(pack, fs::file_size(kept) / 2);
  EXPECT_THAT(state(), testing::StartsWith("0 "));
  fs::copy_file(kept, pack, fs::copy_options::overwrite_existing);
  EXPECT_THAT(state(), testing::StartsWith("1 "));
  for (const auto& entry : fs::directory_iterator(root_ / "repo/snapshots")) {
    fs::permissions(entry, fs::perms::owner_all);
    fs::resize_file(entry, 10);
  }
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(Cell(rows[0], "snapshot"), "NULL");
  EXPECT_NE(Cell(rows[0], "complete"), "1");
  EXPECT_TRUE(Cell(rows[0], "error") != "NULL" || Cell(rows[0], "complete") == "0");
}

// Of content, or of trees, for which restic itself would wait and ask again.
TEST_F(ResticRepository, AMissingPackIsSeenWhicheverItIs) {
  ASSERT_TRUE(Backup());
  std::vector<fs::path> packs;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "repo/data")) {
    if (entry.is_regular_file()) packs.push_back(entry.path());
  }
  ASSERT_GE(packs.size(), 2u);
  for (const fs::path& pack : packs) {
    fs::rename(pack, root_ / "kept");
    const auto rows = Rows();
    ASSERT_EQ(rows.size(), 1u) << pack;
    EXPECT_EQ(Cell(rows[0], "complete"), "0") << pack;
    EXPECT_THAT(Cell(rows[0], "doubt"), HasSubstr("does not exist")) << pack;
    fs::rename(root_ / "kept", pack);
  }
}

}  // namespace
}  // namespace tom
