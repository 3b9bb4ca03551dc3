// What tells that a server may have changed, without asking it: the socket it listens on, the
// process and program behind it, its configuration and the certificates it may read.
#ifndef TOM_CHECKS_TABLES_TLS_FINGERPRINT_H_
#define TOM_CHECKS_TABLES_TLS_FINGERPRINT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/tables/tls_targets.h"

namespace tom {

// Reads what is common to all listeners once. Not thread-safe.
class TlsFingerprints {
 public:
  // Must not outlive `env` and `targets`.
  TlsFingerprints(Env& env, const std::vector<TlsTarget>& targets);

  // 64 hexadecimal digits. Of a server on another host it tells only what we ask it.
  std::string Of(const TlsTarget& target);

  // Files and folders that were looked at so far. None was opened but those of /proc.
  const std::set<std::string>& looked_at() const { return looked_at_; }

 private:
  int64_t OldestOf(const std::vector<int64_t>& pids);
  std::string Process(int64_t pid);
  std::string Tree(const std::string& path);
  absl::StatusOr<FileInfo> Look(const std::string& path);
  void Walk(const std::string& path, int depth, size_t& left, std::string& out);
  void AppendNamed(const std::string& command_line, std::string& out);

  Env& env_;
  std::map<int64_t, std::vector<int64_t>> owners_;  // by inode of the socket
  std::map<int64_t, std::string> processes_;
  std::map<std::string, std::string> trees_;
  std::set<std::string> looked_at_;
};

// The folders and files below which a program's configuration lies, by the program's name.
std::vector<std::string> ConfigurationOf(const std::string& program);

// Where certificates lie whatever the program.
std::vector<std::string> CertificateFolders();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_TLS_FINGERPRINT_H_
