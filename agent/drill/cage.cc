#include "agent/drill/cage.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "absl/strings/str_cat.h"
#include "checks/env/errno_status.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr unsigned long kQuiet = MS_NOSUID | MS_NODEV;
constexpr unsigned long kStill = kQuiet | MS_NOEXEC;
constexpr std::array kTops = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};

absl::Status Failed(std::string_view what) { return ErrnoStatus(errno, what); }

absl::Status MakeFolder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0 || chmod(path.c_str(), mode) != 0) return Failed(path);
  return absl::OkStatus();
}

// A bind mount takes its restrictions only when it is mounted anew.
absl::Status Bind(const std::string& from, const std::string& to, unsigned long flags) {
  if (mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) != 0) return Failed(from);
  if (mount(nullptr, to.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, nullptr) != 0) {
    return Failed(from);
  }
  return absl::OkStatus();
}

// In memory, and where the kernel knows how (6.4) never in swap.
absl::Status MountMemory(const std::string& at, const std::string& options) {
  if (mount("tom-drill", at.c_str(), "tmpfs", kStill, (options + ",noswap").c_str()) == 0 ||
      mount("tom-drill", at.c_str(), "tmpfs", kStill, options.c_str()) == 0) {
    return absl::OkStatus();
  }
  return Failed(at);
}

absl::Status MakeFile(const std::string& path, std::string_view bytes, mode_t mode, uid_t uid,
                      gid_t gid) {
  const OwnedFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.ok()) return Failed(path);
  TOM_RETURN_IF_ERROR(WriteAll(fd.get(), bytes, path));
  if (fchown(fd.get(), uid, gid) != 0 || fchmod(fd.get(), mode) != 0) return Failed(path);
  return absl::OkStatus();
}

// /bin and the like: links into /usr, or directories on systems that keep them apart.
absl::Status MirrorTop(const std::string& root, const char* name) {
  const std::string from = absl::StrCat("/", name);
  const std::string to = absl::StrCat(root, "/", name);
  struct stat info {};
  if (lstat(from.c_str(), &info) != 0) return absl::OkStatus();
  if (S_ISLNK(info.st_mode)) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = readlink(from.c_str(), target.data(), target.size() - 1);
    if (size < 0 || symlink(target.data(), to.c_str()) != 0) return Failed(from);
    return absl::OkStatus();
  }
  if (!S_ISDIR(info.st_mode)) return absl::OkStatus();
  TOM_RETURN_IF_ERROR(MakeFolder(to, 0755));
  return Bind(from, to, kQuiet);
}

}  // namespace

absl::StatusOr<Cage> Cage::Make(const CageOptions& options) {
  Cage cage(options);
  TOM_RETURN_IF_ERROR(Annotate(cage.Mount(), "no scratch can be made"));
  return cage;
}

absl::Status Cage::Mount() {
  if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) {
    return Failed("namespaces of its own, for which a drill needs root's rights");
  }
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Failed("/");
  TOM_RETURN_IF_ERROR(MountMemory(root(), "size=8m,nr_inodes=256,mode=0755"));
  TOM_RETURN_IF_ERROR(BindHost());
  TOM_RETURN_IF_ERROR(MakeFolder(root() + "/secret", 0711));
  TOM_RETURN_IF_ERROR(MakeFolder(root() + "/repository", 0755));
  return MakeScratch();
}

absl::Status Cage::BindHost() {
  TOM_RETURN_IF_ERROR(MakeFolder(root() + "/usr", 0755));
  TOM_RETURN_IF_ERROR(Bind("/usr", root() + "/usr", kQuiet));
  for (const char* name : kTops) TOM_RETURN_IF_ERROR(MirrorTop(root(), name));
  TOM_RETURN_IF_ERROR(MakeFolder(root() + "/etc", 0755));
  TOM_RETURN_IF_ERROR(
      MakeFile(root() + "/etc/passwd",
               absl::StrCat("root:x:0:0::/:/usr/sbin/nologin\ndrill:x:", options_.uid, ":",
                            options_.gid, "::/scratch:/usr/sbin/nologin\n"),
               0644, 0, 0));
  TOM_RETURN_IF_ERROR(MakeFolder(root() + "/dev", 0755));
  TOM_RETURN_IF_ERROR(MakeFile(root() + "/dev/null", "", 0644, 0, 0));
  if (mount("/dev/null", (root() + "/dev/null").c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return Failed("/dev/null");
  }
  return absl::OkStatus();
}

absl::Status Cage::MakeScratch() {
  const std::string at = root() + "/scratch";
  TOM_RETURN_IF_ERROR(MakeFolder(at, 0700));
  TOM_RETURN_IF_ERROR(MountMemory(
      at, absl::StrCat("size=", options_.scratch_bytes, ",nr_inodes=", options_.scratch_files,
                       ",mode=0700,uid=", options_.uid, ",gid=", options_.gid)));
  for (const char* name : {"/out", "/home", "/tmp"}) {
    const std::string folder = at + name;
    TOM_RETURN_IF_ERROR(MakeFolder(folder, 0700));
    if (chown(folder.c_str(), options_.uid, options_.gid) != 0) return Failed(folder);
  }
  scratch_ = OwnedFd(open((at + "/out").c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return scratch_.ok() ? absl::OkStatus() : Failed(at);
}

absl::Status Cage::AddRepository(int fd) {
  return Bind(absl::StrCat("/proc/self/fd/", fd), root() + "/repository", kStill);
}

absl::Status Cage::AddSecret(const std::string& name, std::string_view bytes) {
  return MakeFile(root() + "/secret/" + name, bytes, 0400, options_.uid, options_.gid);
}

absl::Status Cage::Seal() {
  if (mount(nullptr, root().c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kStill, nullptr) !=
      0) {
    return Failed(root());
  }
  return absl::OkStatus();
}

absl::Status Cage::Wipe() {
  const std::string at = root() + "/scratch";
  scratch_.Close();
  struct stat above {};
  struct stat left {};
  if (umount2(at.c_str(), UMOUNT_NOFOLLOW) != 0) return Failed("scratch is not wiped");
  if (stat(root().c_str(), &above) != 0 || stat(at.c_str(), &left) != 0) return Failed(at);
  const std::string out = at + "/out";
  if (left.st_dev != above.st_dev || access(out.c_str(), F_OK) == 0) {
    return absl::InternalError("scratch is not wiped: something is still mounted there");
  }
  return absl::OkStatus();
}

}  // namespace tom
