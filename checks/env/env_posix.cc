#include "checks/env/env_posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "checks/env/errno_status.h"
#include "checks/env/file_kind.h"
#include "checks/env/fscrypt_ioctl.h"
#include "checks/env/programs.h"
#include "checks/env/safe_open.h"
#include "checks/env/unique_fd.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// Of OpenFolder.
constexpr size_t kOpenFolders = 8;

class PosixEnv : public Env {
 public:
  PosixEnv(RootMode mode, UniqueFd root, PreparedPrograms prepared)
      : mode_(mode), root_(std::move(root)), prepared_(std::move(prepared)) {}

  RootMode mode() const override { return mode_; }

  absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) override {
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpenRegular(root_.get(), path));
    return ReadAll(fd.get(), path, max_bytes);
  }

  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset,
                                        size_t bytes) override {
    if (bytes > kMaxRangeBytes) return absl::ResourceExhaustedError(ToAbsl(path + ": too much"));
    const bool devices = mode_ != RootMode::kDeadTree;
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpenStored(root_.get(), path, devices));
    return ReadAt(fd.get(), path, offset, bytes);
  }

  absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override {
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_.get(), path, O_RDONLY | O_DIRECTORY));
    const std::unique_ptr<DIR, CloseDirectory> directory(fdopendir(fd.get()));
    if (directory == nullptr) return ErrnoStatus(errno, path);
    fd.Release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(directory.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
      if (names.size() > kMaxDirectoryEntries) {
        return absl::ResourceExhaustedError(ToAbsl(path + ": more than 100,000 entries"));
      }
    }
    if (errno != 0) return ErrnoStatus(errno, path);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<FileInfo> Stat(const std::string& path) override { return Info(path, 0); }
  // A walk asks for one name of a folder after the other: the folder is opened once for them.
  absl::StatusOr<FileInfo> Lstat(const std::string& path) override {
    const size_t slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? "" : path.substr(slash + 1);
    const bool plain =
        !name.empty() && name != "." && name != ".." && path.find('\0') == std::string::npos;
    if (!plain) return Info(path, O_NOFOLLOW);
    const auto folder = OpenFolder(path.substr(0, std::max<size_t>(slash, 1)));
    if (!folder.ok()) return Info(path, O_NOFOLLOW);
    return InfoAt(*folder, name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, path);
  }

  absl::StatusOr<std::string> ReadLink(const std::string& path) override {
    if (path.starts_with("/proc/")) return ReadLinkOfProcess(path);
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_.get(), path, O_PATH | O_NOFOLLOW));
    std::array<char, 4096> target;
    const ssize_t size = readlinkat(fd.get(), "", target.data(), target.size());
    if (size < 0) return ErrnoStatus(errno == ENOENT ? EINVAL : errno, path);
    return std::string(target.data(), static_cast<size_t>(size));
  }

  absl::StatusOr<FileSystemInfo> StatFs(const std::string& path) override {
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_.get(), path, O_PATH));
    struct statfs info;
    if (fstatfs(fd.get(), &info) != 0) return ErrnoStatus(errno, path);
    const auto block = static_cast<uint64_t>(info.f_bsize);
    return FileSystemInfo{.type = static_cast<int64_t>(info.f_type),
                          .total_bytes = info.f_blocks * block,
                          .free_bytes = info.f_bavail * block,
                          .read_only = (info.f_flags & ST_RDONLY) != 0,
                          .block_size = block,
                          .blocks = info.f_blocks,
                          .blocks_free = info.f_bfree,
                          .blocks_available = info.f_bavail,
                          .inodes = info.f_files,
                          .inodes_free = info.f_ffree};
  }

  absl::StatusOr<std::string> FscryptPolicy(const std::string& path) override {
    if (mode_ == RootMode::kDeadTree) {
      return absl::UnimplementedError(ToAbsl(path + ": only a live kernel knows its policy"));
    }
    return ReadFscryptPolicy(root_.get(), path);
  }

  absl::StatusOr<ProgramResult> RunProgram(const ProgramRequest& request) override {
    if (mode_ != RootMode::kLive && (request.opened.empty() || !ReadsRepositories(request.path))) {
      return absl::UnimplementedError(ToAbsl(request.path + ": not run under another root"));
    }
    if (const auto found = prepared_.find(CommandLine(request)); found != prepared_.end()) {
      return found->second;
    }
    TOM_RETURN_IF_ERROR(CheckProgram(request.path));
    std::vector<UniqueFd> opened;
    opened.reserve(request.opened.size());
    for (const std::string& path : request.opened) {
      TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_.get(), path, O_PATH));
      opened.push_back(std::move(fd));
    }
    return RunChecked(request, opened);
  }

  HostAddresses ResolveHosts(const std::vector<std::string>& names, int64_t deadline_ms) override {
    return LookUpHosts(names, mode_ == RootMode::kDeadTree ? 0 : deadline_ms);
  }

  absl::Status ProbeTcp(const TcpPolicy& policy,
                        const std::vector<TcpConversation*>& conversations) override {
    if (mode_ == RootMode::kDeadTree) {
      return absl::UnimplementedError("no socket is opened for a dead tree");
    }
    RunTcpProbe(policy, conversations);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<HttpAnswer>> FetchHttp(
      const TcpPolicy& policy, const HttpLimits& limits,
      const std::vector<HttpExchange>& exchanges) override {
    if (mode_ == RootMode::kDeadTree) {
      return absl::UnimplementedError("no socket is opened for a dead tree");
    }
    return RunHttpExchanges(policy, limits, exchanges);
  }

  absl::StatusOr<std::vector<InterfaceAddress>> InterfaceAddresses() override {
    if (mode_ == RootMode::kDeadTree) {
      return absl::UnimplementedError("only a live kernel knows the addresses of interfaces");
    }
    if (mode_ == RootMode::kHostRoot) {
      const auto host = ReadLink("/proc/1/ns/net");
      const auto own = ReadLink("/proc/self/ns/net");
      if (!host.ok() || !own.ok() || *host != *own) {
        return absl::UnavailableError("the host's network is not known to be this process's");
      }
    }
    return ListInterfaceAddresses();
  }

  absl::StatusOr<DatabaseAnswer> AskDatabase(const DatabaseRequest& request) override {
    if (mode_ == RootMode::kDeadTree) {
      return absl::UnimplementedError("no socket is opened for a dead tree");
    }
    if (const std::string problem = DatabaseHostProblem(request.host); !problem.empty()) {
      return absl::InvalidArgumentError(ToAbsl(request.host + ": " + problem));
    }
    if (mode_ == RootMode::kHostRoot && request.host[0] == '/') {
      return absl::UnimplementedError("a socket of a mounted host is not connected to");
    }
    TOM_ASSIGN_OR_RETURN(const std::string password, ReadPassword(request.password_file));
    return request.kind == DatabaseRequest::Kind::kPostgres ? AskPostgres(request, password)
                                                            : AskMysql(request, password);
  }

  UnixSeconds Now() override { return Clock(CLOCK_REALTIME).tv_sec; }
  int64_t MonotonicMs() override {
    const timespec now = Clock(CLOCK_MONOTONIC);
    return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
  }

 private:
  // Without a last line end.
  absl::StatusOr<std::string> ReadPassword(const std::string& path) {
    constexpr size_t kMaxPassword = 4096;
    if (path.empty()) return std::string();
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpenRegular(root_.get(), path));
    struct stat info;
    if (fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, path);
    if ((info.st_mode & 077) != 0 || (info.st_uid != 0 && info.st_uid != geteuid())) {
      return absl::FailedPreconditionError(
          ToAbsl(path + ": others may read it: it must be root's or the agent's, mode 0600"));
    }
    TOM_ASSIGN_OR_RETURN(std::string password, ReadAll(fd.get(), path, kMaxPassword));
    if (!password.empty() && password.back() == '\n') password.pop_back();
    if (password.find('\0') != std::string::npos) {
      return absl::FailedPreconditionError(ToAbsl(path + ": holds a NUL"));
    }
    return password;
  }

  static timespec Clock(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return now;
  }

  absl::StatusOr<FileInfo> Info(const std::string& path, int flags) {
    TOM_ASSIGN_OR_RETURN(UniqueFd fd, SafeOpen(root_.get(), path, O_PATH | flags));
    return InfoAt(fd.get(), "", AT_EMPTY_PATH, path);
  }

  static absl::StatusOr<FileInfo> InfoAt(int fd, const char* name, int flags,
                                         const std::string& path) {
    struct statx info;
    if (statx(fd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &info) != 0) {
      return ErrnoStatus(errno, path);
    }
    const bool born = (info.stx_mask & STATX_BTIME) != 0;
    return FileInfo{
        .kind = KindOfMode(info.stx_mode),
        .mode = info.stx_mode & 07777U,
        .uid = info.stx_uid,
        .gid = info.stx_gid,
        .size = static_cast<int64_t>(info.stx_size),
        .modified = info.stx_mtime.tv_sec,
        .device = makedev(info.stx_dev_major, info.stx_dev_minor),
        .inode = info.stx_ino,
        .special_device = makedev(info.stx_rdev_major, info.stx_rdev_minor),
        .links = info.stx_nlink,
        .block_size = info.stx_blksize,
        .accessed = info.stx_atime.tv_sec,
        .changed = info.stx_ctime.tv_sec,
        .created = born ? std::optional<UnixSeconds>(info.stx_btime.tv_sec) : std::nullopt};
  }

  // Walks and the links of processes' many thousand descriptors come folder by folder, some from a
  // few folders in turn: those that were asked for last stay open.
  absl::StatusOr<int> OpenFolder(const std::string& folder) {
    for (const auto& [name, fd] : folders_) {
      if (name == folder) return fd.get();
    }
    TOM_ASSIGN_OR_RETURN(UniqueFd opened, SafeOpen(root_.get(), folder, O_PATH | O_DIRECTORY));
    if (folders_.size() == kOpenFolders) folders_.erase(folders_.begin());
    folders_.emplace_back(folder, std::move(opened));
    return folders_.back().second.get();
  }

  absl::StatusOr<std::string> ReadLinkOfProcess(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string name = path.substr(slash + 1);
    if (name.empty() || name == "." || name == ".." || path.find('\0') != std::string::npos) {
      return absl::FailedPreconditionError(ToAbsl(path + ": not the path of a link"));
    }
    TOM_ASSIGN_OR_RETURN(const int folder, OpenFolder(path.substr(0, slash)));
    std::array<char, 4096> target;
    const ssize_t size = readlinkat(folder, name.c_str(), target.data(), target.size());
    if (size < 0) return ErrnoStatus(errno == ESRCH ? ENOENT : errno, path);  // it has ended
    return std::string(target.data(), static_cast<size_t>(size));
  }

  RootMode mode_;
  UniqueFd root_;
  PreparedPrograms prepared_;
  std::vector<std::pair<std::string, UniqueFd>> folders_;  // opened last, oldest first
};

}  // namespace

absl::StatusOr<std::unique_ptr<Env>> OpenPosixEnv(RootMode mode, const std::string& root,
                                                  PreparedPrograms prepared) {
  UniqueFd fd(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, root);
  return std::unique_ptr<Env>(std::make_unique<PosixEnv>(mode, std::move(fd), std::move(prepared)));
}

}  // namespace tom
