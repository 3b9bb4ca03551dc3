// Every table says what it touches: held against what it asks its door for on this host.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "checks/engine/scan.h"
#include "checks/engine/table.h"
#include "checks/env/env_posix.h"

namespace tom {
namespace {

// Another door with a list of all that went through it; nothing is connected to.
class RecordingEnv : public Env {
 public:
  explicit RecordingEnv(std::unique_ptr<Env> env) : env_(std::move(env)) {}

  const std::vector<Touch>& touched() const { return touched_; }

  RootMode mode() const override { return env_->mode(); }
  absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) override {
    return env_->ReadFile(File(path), max_bytes);
  }
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset,
                                        size_t bytes) override {
    return env_->ReadRange(File(path), offset, bytes);
  }
  absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override {
    return env_->ListDirectory(File(path));
  }
  absl::StatusOr<FileInfo> Stat(const std::string& path) override { return env_->Stat(File(path)); }
  absl::StatusOr<FileInfo> Lstat(const std::string& path) override {
    return env_->Lstat(File(path));
  }
  absl::StatusOr<std::string> ReadLink(const std::string& path) override {
    return env_->ReadLink(File(path));
  }
  absl::StatusOr<FileSystemInfo> StatFs(const std::string& path) override {
    return env_->StatFs(File(path));
  }
  absl::StatusOr<std::string> FscryptPolicy(const std::string& path) override {
    return env_->FscryptPolicy(File(path));
  }
  absl::StatusOr<ProgramResult> RunProgram(const ProgramRequest& request) override {
    touched_.push_back({TouchKind::kProgram, request.path, ""});
    for (const std::string& path : request.opened) File(path);
    return env_->RunProgram(request);
  }
  HostAddresses ResolveHosts(const std::vector<std::string>& names, int64_t deadline_ms) override {
    return env_->ResolveHosts(names, deadline_ms);
  }
  absl::Status ProbeTcp(const TcpPolicy&,
                        const std::vector<TcpConversation*>& conversations) override {
    for (const TcpConversation* conversation : conversations) {
      const TcpTarget& target = conversation->target();
      const bool six = target.address.find(':') != std::string::npos;
      touched_.push_back(
          {TouchKind::kAddress,
           (six ? "[" + target.address + "]" : target.address) + ":" + std::to_string(target.port),
           ""});
    }
    return absl::UnimplementedError("only written down");
  }
  absl::StatusOr<DatabaseAnswer> AskDatabase(const DatabaseRequest& request) override {
    if (!request.password_file.empty())
      touched_.push_back({TouchKind::kFile, request.password_file, ""});
    touched_.push_back(
        {TouchKind::kAddress, request.host + ":" + std::to_string(request.port), ""});
    return absl::UnavailableError("not connected");
  }
  absl::StatusOr<std::vector<HttpAnswer>> FetchHttp(
      const TcpPolicy&, const HttpLimits&, const std::vector<HttpExchange>& exchanges) override {
    for (const HttpExchange& exchange : exchanges) {
      const TcpTarget& target = exchange.target;
      const bool six = target.address.find(':') != std::string::npos;
      touched_.push_back(
          {TouchKind::kAddress,
           (six ? "[" + target.address + "]" : target.address) + ":" + std::to_string(target.port),
           ""});
    }
    return absl::UnimplementedError("only written down");
  }
  absl::StatusOr<std::vector<InterfaceAddress>> InterfaceAddresses() override {
    touched_.push_back({TouchKind::kSocket, "netlink:route", ""});
    return env_->InterfaceAddresses();
  }
  UnixSeconds Now() override { return env_->Now(); }
  int64_t MonotonicMs() override { return env_->MonotonicMs(); }

 private:
  const std::string& File(const std::string& path) {
    touched_.push_back({TouchKind::kFile, path, ""});
    return path;
  }

  std::unique_ptr<Env> env_;
  std::vector<Touch> touched_;
};

bool Says(const std::vector<Touch>& said, const Touch& touch) {
  return std::any_of(said.begin(), said.end(), [&](const Touch& one) {
    return one.kind == touch.kind && TouchMatches(one.target, touch.target);
  });
}

Declared SomethingDeclared() {
  Declared declared;
  DeclaredEndpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = 9;
  endpoint.ca_file = "/etc/hostname";
  declared.endpoints = {endpoint};
  declared.data_paths = {{"/etc/ssl", {}}, {"/tmp/", {}}};
  DeclaredBackup files;
  files.name = "dump";
  files.kind = "files";
  files.path = "/etc/host*";
  DeclaredBackup restic;
  restic.name = "vault";
  restic.kind = "restic";
  restic.repository = "/etc/skel";
  restic.password_file = "/etc/hostname";
  declared.backups = {files, restic};
  for (const char* kind : {"borg", "pgbackrest", "barman", "zfs", "btrfs", "s3"}) {
    DeclaredBackup other = restic;
    other.name = other.kind = kind;
    other.stanza = "main";
    other.key_file = other.check_file = other.credentials_file = "/etc/hostname";
    other.endpoint = "http://127.0.0.1:9";
    other.region = "r";
    if (other.kind == "s3") other.repository = "s3://copies/x";
    if (other.kind == "zfs") other.repository = "tank";
    if (other.kind == "btrfs") other.info_file = "/etc/hostname";
    declared.backups.push_back(other);
  }
  declared.vulnerability_feeds = {{"oval", "/etc/hostname", ""},
                                  {"debsecan", "/usr/nothing-of-this-name", "bookworm"}};
  return declared;
}

class TableTouches : public testing::TestWithParam<Table> {};

TEST_P(TableTouches, AreAllSaid) {
  const Table& table = GetParam();
  const Declared declared = SomethingDeclared();
  auto env = OpenPosixEnv(RootMode::kLive, "/");
  ASSERT_TRUE(env.ok());
  const std::vector<Touch> said =
      table.touches ? table.touches(**env, declared) : std::vector<Touch>();
  RecordingEnv recording(*std::move(env));
  TableContext context{.declared = declared, .constraints = {}};
  for (const Column& column : table.columns) {
    if (column.required || (column.pushdown && column.name == "directory")) {
      context.constraints = {
          {.column = column.name, .kind = Constraint::Kind::kEqual, .value = "/etc/ssl"}};
    }
  }
  ScanTable(table, recording, context, nullptr);
  for (const Touch& touch : recording.touched()) {
    ASSERT_TRUE(Says(said, touch))
        << table.name << ": " << TouchKindName(touch.kind) << " " << touch.target;
  }
  for (const Touch& touch : said) {
    EXPECT_FALSE(touch.purpose.empty()) << touch.target;
    const bool absolute = touch.kind != TouchKind::kFile || touch.target[0] == '/';
    EXPECT_TRUE(absolute && touch.target.find("***") == std::string::npos) << touch.target;
  }
}

INSTANTIATE_TEST_SUITE_P(AllTables, TableTouches, testing::ValuesIn(AllTables()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tom
