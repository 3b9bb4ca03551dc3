// The only door from facts to the outside: files, programs, connections, clock. Tables and checks
// never call the system themselves, so that tests run in memory and a broker can take this door
// over.
//
// Paths are absolute, in the examined root ("/etc/passwd" is DIR/etc/passwd with --root DIR).
// Symbolic links are resolved inside the root and never lead out of it. An error is a fact: its
// message names the path and the errno's text, its code says what to do:
//   NotFound            there is no such file (ENOENT, ENOTDIR)
//   PermissionDenied    EACCES, EPERM
//   ResourceExhausted   larger than the bound
//   FailedPrecondition  there, but not of the kind asked for (a FIFO where a regular file is read,
//   a loop of links) Unimplemented       cannot be known in this mode (a program in a dead tree)
//   Unavailable         anything else, with the errno
// Not thread-safe; one per evaluator.
#ifndef TOM_CHECKS_ENV_ENV_H_
#define TOM_CHECKS_ENV_ENV_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/database.h"
#include "checks/env/env_memory.h"
#include "checks/env/host_addresses.h"
#include "checks/env/http_fetch.h"
#include "checks/env/interface_addresses.h"
#include "checks/env/tcp_probe.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr size_t kDefaultMaxFileBytes = 16 << 20;
inline constexpr size_t kMaxRangeBytes = 16 << 20;
inline constexpr size_t kMaxDirectoryEntries = 100000;

enum class FileKind {
  kRegular,
  kDirectory,
  kSymlink,
  kBlock,
  kCharacter,
  kFifo,
  kSocket,
  kUnknown
};

std::string_view FileKindName(FileKind kind);

struct FileInfo {
  FileKind kind = FileKind::kUnknown;
  uint32_t mode = 0;  // permission bits only, 07777
  uint32_t uid = 0;
  uint32_t gid = 0;
  int64_t size = 0;
  UnixSeconds modified = 0;
  uint64_t device = 0;  // st_dev
  uint64_t inode = 0;
  uint64_t special_device = 0;  // st_rdev of device nodes
  uint64_t links = 1;
  int64_t block_size = 0;  // preferred for input and output, bytes
  UnixSeconds accessed = 0;
  UnixSeconds changed = 0;                            // of the inode
  std::optional<UnixSeconds> created = std::nullopt;  // where the file system keeps it
};

struct FileSystemInfo {
  int64_t type = 0;  // magic number, statfs(2)
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;
  bool read_only = false;
  uint64_t block_size = 0;  // of the four counts of blocks, bytes
  uint64_t blocks = 0;
  uint64_t blocks_free = 0;
  uint64_t blocks_available = 0;  // to users without rights
  uint64_t inodes = 0;
  uint64_t inodes_free = 0;
};

struct ProgramRequest {
  std::string path;                    // one of the compiled-in list (programs.h)
  std::vector<std::string> arguments;  // without argv[0]
  std::vector<std::string>
      environment;  // "NAME=value", added to a fixed PATH, LC_ALL=C and HOME=/nonexistent
  int64_t deadline_ms = 5000;
  size_t max_output_bytes = 4 << 20;  // of standard output and of standard error, each
  // Files and directories, opened inside the examined root and given to the program as descriptors
  // 3, 4, …, which it can name /proc/self/fd/3: it then needs no path of the root's, whose links
  // would lead it out.
  std::vector<std::string> opened = {};
  // Once standard error has this text, the rest is not waited for: the program is killed, and what
  // it said is the result.
  std::string enough = {};
};

struct ProgramResult {
  int exit_status = 0;  // 128 + signal when it was killed
  std::string output;
  std::string error;
};

// What is examined. Each says what cannot be known there.
enum class RootMode {
  kLive,      // the running host
  kDeadTree,  // --root DIR: no sockets, none of its programs, proc/ and sys/ only as the tree has
              // them
  kHostRoot,  // --host-root DIR: the running host through a mount; its programs are not run
};

class Env {
 public:
  virtual ~Env() = default;

  virtual RootMode mode() const = 0;

  // The whole of a regular file of at most `max_bytes`.
  virtual absl::StatusOr<std::string> ReadFile(const std::string& path,
                                               size_t max_bytes = kDefaultMaxFileBytes) = 0;
  // Up to `bytes` (at most kMaxRangeBytes) from `offset`, fewer where it ends before: of a regular
  // file, or of a block device of the running host; in a dead tree only of a regular file.
  virtual absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset,
                                                size_t bytes) = 0;
  // Names without "." and "..", sorted.
  virtual absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) = 0;
  // Follows links inside the root.
  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // Of the link itself.
  virtual absl::StatusOr<FileInfo> Lstat(const std::string& path) = 0;
  virtual absl::StatusOr<std::string> ReadLink(const std::string& path) = 0;
  virtual absl::StatusOr<FileSystemInfo> StatFs(const std::string& path) = 0;
  // How the kernel encrypts this directory or regular file by itself: the bytes of its union
  // fscrypt_policy (linux/fscrypt.h), empty where the kernel says that it does not. Unimplemented
  // in a dead tree, where the file system is the examiner's.
  virtual absl::StatusOr<std::string> FscryptPolicy(const std::string& path) = 0;

  // DeadlineExceeded when it had to be killed, ResourceExhausted when it wrote too much; an exit
  // status other than 0 is a result, not an error. Another root's programs are never run; the
  // host's own run there only if they read repositories (programs.h) and see them through `opened`.
  virtual absl::StatusOr<ProgramResult> RunProgram(const ProgramRequest& request) = 0;

  // Numeric addresses of declared hosts (host_addresses.h). Every name has an entry; in a dead tree
  // the ones that are not numeric are Unimplemented.
  virtual HostAddresses ResolveHosts(const std::vector<std::string>& names,
                                     int64_t deadline_ms) = 0;
  // Talks to servers (tcp_probe.h). Unimplemented in a dead tree: no socket is opened, no
  // conversation is asked anything.
  virtual absl::Status ProbeTcp(const TcpPolicy& policy,
                                const std::vector<TcpConversation*>& conversations) = 0;
  // One answer an exchange (http_fetch.h). Unimplemented in a dead tree.
  virtual absl::StatusOr<std::vector<HttpAnswer>> FetchHttp(
      const TcpPolicy& policy, const HttpLimits& limits,
      const std::vector<HttpExchange>& exchanges) = 0;
  // Of the running host (interface_addresses.h). Unimplemented in a dead tree; Unavailable where a
  // mounted host's network is not known to be this process's.
  virtual absl::StatusOr<std::vector<InterfaceAddress>> InterfaceAddresses() = 0;

  // Asks a database server of the running host (database.h). FailedPrecondition: others may read
  // the password's file, or it is not root's or this process's. Unimplemented in a dead tree.
  virtual absl::StatusOr<DatabaseAnswer> AskDatabase(const DatabaseRequest& request) = 0;

  virtual UnixSeconds Now() = 0;
  virtual int64_t MonotonicMs() = 0;

  // What earlier looks left here (env_memory.h).
  EnvMemory& memory() { return memory_; }

 private:
  EnvMemory memory_;
};

}  // namespace tom

#endif  // TOM_CHECKS_ENV_ENV_H_
