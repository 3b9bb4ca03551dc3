// An Env in front of another one that writes down what is looked at: for tables whose files lead to
// further files, which only reading them tells (touch.h). Nothing else goes through it.
#ifndef TOM_CHECKS_TABLES_PATH_RECORDER_H_
#define TOM_CHECKS_TABLES_PATH_RECORDER_H_

#include <set>
#include <string>
#include <vector>

#include "checks/env/env.h"

namespace tom {

class PathRecorder : public Env {
 public:
  // `env` must outlive it.
  explicit PathRecorder(Env& env) : env_(env) {}

  const std::set<std::string>& paths() const { return paths_; }

  RootMode mode() const override { return env_.mode(); }
  absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) override {
    return env_.ReadFile(Seen(path), max_bytes);
  }
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset,
                                        size_t bytes) override {
    return env_.ReadRange(Seen(path), offset, bytes);
  }
  absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override {
    return env_.ListDirectory(Seen(path));
  }
  absl::StatusOr<FileInfo> Stat(const std::string& path) override { return env_.Stat(Seen(path)); }
  absl::StatusOr<FileInfo> Lstat(const std::string& path) override {
    return env_.Lstat(Seen(path));
  }
  absl::StatusOr<std::string> ReadLink(const std::string& path) override {
    return env_.ReadLink(Seen(path));
  }
  absl::StatusOr<FileSystemInfo> StatFs(const std::string& path) override {
    return env_.StatFs(Seen(path));
  }
  absl::StatusOr<std::string> FscryptPolicy(const std::string& path) override {
    return env_.FscryptPolicy(Seen(path));
  }
  absl::StatusOr<ProgramResult> RunProgram(const ProgramRequest&) override { return Refused(); }
  HostAddresses ResolveHosts(const std::vector<std::string>& names, int64_t) override {
    return LookUpHosts(names, 0);
  }
  absl::Status ProbeTcp(const TcpPolicy&, const std::vector<TcpConversation*>&) override {
    return Refused();
  }
  absl::StatusOr<std::vector<HttpAnswer>> FetchHttp(const TcpPolicy&, const HttpLimits&,
                                                    const std::vector<HttpExchange>&) override {
    return Refused();
  }
  absl::StatusOr<std::vector<InterfaceAddress>> InterfaceAddresses() override { return Refused(); }
  absl::StatusOr<DatabaseAnswer> AskDatabase(const DatabaseRequest&) override { return Refused(); }
  UnixSeconds Now() override { return env_.Now(); }
  int64_t MonotonicMs() override { return env_.MonotonicMs(); }

 private:
  static absl::Status Refused() { return absl::UnimplementedError("only files are looked at"); }

  const std::string& Seen(const std::string& path) { return *paths_.insert(path).first; }

  Env& env_;
  std::set<std::string> paths_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PATH_RECORDER_H_
