// An Env in memory, for tests: files, directories, links, errors, programs and a clock that stands
// still.
#ifndef TOM_CHECKS_ENV_FAKE_ENV_H_
#define TOM_CHECKS_ENV_FAKE_ENV_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "checks/env/env.h"

namespace tom {

class FakeEnv : public Env {
 public:
  // Parent directories come into being by themselves (0755, root).
  FakeEnv& AddFile(const std::string& path, std::string content, uint32_t mode = 0644);
  FakeEnv& AddDirectory(const std::string& path, uint32_t mode = 0755);
  FakeEnv& AddLink(const std::string& path, std::string target);
  // A node of any kind; `info.size` is kept as given.
  FakeEnv& AddNode(const std::string& path, FileInfo info);
  // A block device that holds `content`.
  FakeEnv& AddBlockDevice(const std::string& path, uint64_t special_device, std::string content);
  FakeEnv& SetOwner(const std::string& path, uint32_t uid, uint32_t gid);
  FakeEnv& SetModified(const std::string& path, UnixSeconds modified);
  // Every access to the path, or below it, fails with `status`.
  FakeEnv& AddError(const std::string& path, absl::Status status);
  // Everything fails with PermissionDenied: what an evaluator without rights sees.
  FakeEnv& DenyAll();
  // What FscryptPolicy gives for the path and all below it.
  FakeEnv& SetFscryptPolicy(const std::string& path, std::string policy);
  FakeEnv& SetFileSystem(const std::string& path, FileSystemInfo info);
  // The key is the path and the arguments, separated by blanks.
  FakeEnv& AddProgram(const std::string& command_line, absl::StatusOr<ProgramResult> result);
  // A server: what it answers to all that one connection has sent so far, and whether it ends it
  // then (kEnough: it stays open, and is silent).
  struct TcpAnswer {
    std::string bytes;
    TcpEnd end = TcpEnd::kEnough;
  };
  using TcpServer = std::function<TcpAnswer(std::string_view sent)>;
  FakeEnv& AddTcpServer(const std::string& address, int64_t port, TcpServer server);
  FakeEnv& AddHost(const std::string& name, std::vector<std::string> addresses);
  // What the URL (HttpUrl) answers; others are refused. The address is looked at like the real
  // door's.
  FakeEnv& AddPage(const std::string& url, HttpAnswer answer);
  FakeEnv& SetInterfaces(absl::StatusOr<std::vector<InterfaceAddress>> interfaces);
  // A database server, by its host and port ("/run/postgresql:5432"): what it answers.
  using DatabaseServer = std::function<absl::StatusOr<DatabaseAnswer>(const DatabaseRequest&)>;
  FakeEnv& AddDatabase(const std::string& address, DatabaseServer server);
  // Pages asked for so far.
  const std::vector<std::string>& fetched() const { return fetched_; }
  // Connections made so far, "address:port" each.
  const std::vector<std::string>& connections() const { return connections_; }
  FakeEnv& SetNow(UnixSeconds now);
  FakeEnv& SetMode(RootMode mode);

  // Paths read so far, in order: what a table touches.
  const std::vector<std::string>& reads() const { return reads_; }

  RootMode mode() const override { return mode_; }
  absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) override;
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset,
                                        size_t bytes) override;
  absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override;
  absl::StatusOr<FileInfo> Stat(const std::string& path) override;
  absl::StatusOr<FileInfo> Lstat(const std::string& path) override;
  absl::StatusOr<std::string> ReadLink(const std::string& path) override;
  absl::StatusOr<FileSystemInfo> StatFs(const std::string& path) override;
  absl::StatusOr<std::string> FscryptPolicy(const std::string& path) override;
  absl::StatusOr<ProgramResult> RunProgram(const ProgramRequest& request) override;
  HostAddresses ResolveHosts(const std::vector<std::string>& names, int64_t deadline_ms) override;
  // Loopback addresses are this host's own. Without time: one connection after the other.
  absl::Status ProbeTcp(const TcpPolicy& policy,
                        const std::vector<TcpConversation*>& conversations) override;
  absl::StatusOr<std::vector<HttpAnswer>> FetchHttp(
      const TcpPolicy& policy, const HttpLimits& limits,
      const std::vector<HttpExchange>& exchanges) override;
  absl::StatusOr<std::vector<InterfaceAddress>> InterfaceAddresses() override;
  absl::StatusOr<DatabaseAnswer> AskDatabase(const DatabaseRequest& request) override;
  UnixSeconds Now() override { return now_; }
  int64_t MonotonicMs() override { return monotonic_ms_ += 1; }

 private:
  struct Node {
    FileInfo info;
    std::string content;  // or the link's target
  };

  absl::Status ErrorAt(const std::string& path) const;
  // The path with every link resolved (the last one too when `follow`).
  absl::StatusOr<std::string> Resolve(const std::string& path, bool follow) const;
  absl::StatusOr<const Node*> Find(const std::string& path, bool follow) const;
  Node& Place(const std::string& path);

  std::map<std::string, Node> nodes_;
  std::map<std::string, absl::Status> errors_;
  std::map<std::string, FileSystemInfo> file_systems_;
  std::map<std::string, std::string> policies_;
  std::map<std::string, absl::StatusOr<ProgramResult>> programs_;
  TcpResult Converse(const TcpTarget& target, TcpAttempt& attempt);

  std::map<std::string, TcpServer> tcp_servers_;
  std::map<std::string, std::vector<std::string>> hosts_;
  std::vector<std::string> connections_;
  std::map<std::string, HttpAnswer> pages_;
  std::map<std::string, DatabaseServer> databases_;
  std::vector<std::string> fetched_;
  absl::StatusOr<std::vector<InterfaceAddress>> interfaces_ = std::vector<InterfaceAddress>();
  std::vector<std::string> reads_;
  RootMode mode_ = RootMode::kLive;
  bool deny_all_ = false;
  UnixSeconds now_ = 1700000000;
  int64_t monotonic_ms_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_ENV_FAKE_ENV_H_
