// Programs that run with the rights of their owner or group (setuid, setgid), where programs lie
// and where users can put some. Below /usr/lib, /tmp, /var/tmp, /home and /srv it looks three
// folders deep, as far as helper programs lie: all of a disk would cost more than it can find. The
// walk enters no mount that is nosuid or not of this machine, follows no link and is bounded; where
// it ends early the scan is incomplete.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "checks/engine/table.h"
#include "checks/parse/mountinfo.h"
#include "checks/tables/account_files.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFiles = 300000;
constexpr size_t kMaxDepth = 64;
constexpr int64_t kMaxMilliseconds = 20000;
struct Place {
  std::string_view path;
  size_t depth;
};
constexpr std::array<Place, 15> kPlaces = {{{"/bin", kMaxDepth},
                                            {"/sbin", kMaxDepth},
                                            {"/lib", 3},
                                            {"/lib64", 3},
                                            {"/usr/bin", kMaxDepth},
                                            {"/usr/sbin", kMaxDepth},
                                            {"/usr/games", kMaxDepth},
                                            {"/usr/lib", 3},
                                            {"/usr/libexec", kMaxDepth},
                                            {"/usr/local", kMaxDepth},
                                            {"/opt", kMaxDepth},
                                            {"/srv", 3},
                                            {"/home", 3},
                                            {"/tmp", 3},
                                            {"/var/tmp", 3}}};

std::string Octal(uint32_t mode) {
  std::string digits(4, '0');
  for (size_t i = 4; i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
  return digits;
}

class SuidScan {
 public:
  SuidScan(Env& env, RowSink& sink)
      : env_(env), sink_(sink), end_(env.MonotonicMs() + kMaxMilliseconds) {
    ReadNames();
    ReadMounts();
  }

  void Start(const std::string& path, size_t depth) {
    const auto info = env_.Lstat(path);
    if (absl::IsNotFound(info.status())) return;
    if (!info.ok()) return sink_.Incomplete(std::string(info.status().message()));
    unlimited_ = depth == kMaxDepth;
    if (info->kind == FileKind::kDirectory) Walk(path, depth);
  }

 private:
  void ReadNames() {
    if (const auto users = ReadPasswd(env_, sink_); users.ok()) {
      for (const PasswdEntry& user : users->entries) users_.emplace(user.uid, user.name);
    }
    if (const auto groups = ReadGroup(env_, sink_); groups.ok()) {
      for (const GroupEntry& group : groups->entries) groups_.emplace(group.gid, group.name);
    }
  }

  // Mount points whose file systems are nosuid (the bits count for nothing there) or not of this
  // machine's disks.
  void ReadMounts() {
    const auto text = env_.ReadFile("/proc/self/mountinfo");
    if (!text.ok()) return;
    for (const MountEntry& mount : ParseMountInfo(*text).entries) {
      const bool nosuid = ("," + mount.options + ",").find(",nosuid,") != std::string::npos;
      const bool remote = mount.fs_type.starts_with("nfs") || mount.fs_type.starts_with("fuse") ||
                          mount.fs_type == "cifs" || mount.fs_type == "9p" ||
                          mount.fs_type == "autofs" || mount.fs_type == "ceph";
      if (nosuid || remote) skipped_.insert(mount.mount_point);
    }
  }

  bool Within() {
    if (full_) return false;
    full_ = ++looked_ > kMaxFiles || ((looked_ & 1023) == 0 && env_.MonotonicMs() > end_);
    if (full_) sink_.Incomplete("the walk for setuid programs reached its bound");
    return !full_;
  }

  void Walk(const std::string& folder, size_t depth) {
    if (skipped_.contains(folder)) return;
    const auto names = env_.ListDirectory(folder);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status()))
        sink_.Incomplete(std::string(names.status().message()));
      return;
    }
    for (const std::string& name : *names) {
      if (!Within()) return;
      const std::string path = std::string(folder).append("/").append(name);
      const auto info = env_.Lstat(path);
      if (!info.ok()) continue;  // gone meanwhile
      if (info->kind == FileKind::kDirectory) {
        Descend(path, depth);
      } else if (info->kind == FileKind::kRegular && (info->mode & 06000) != 0) {
        Row(path, *info);
      }
    }
  }

  void Descend(const std::string& path, size_t depth) {
    if (depth > 0) return Walk(path, depth - 1);
    if (unlimited_) sink_.Incomplete(path + ": deeper than is read");
  }

  void Row(const std::string& path, const FileInfo& info) {
    const auto user = users_.find(info.uid);
    const auto group = groups_.find(info.gid);
    const bool set_user = (info.mode & 04000) != 0;
    // Without the bit to execute for its group, setgid marks mandatory locking.
    const bool set_group = (info.mode & 02000) != 0 && (info.mode & 0010) != 0;
    if (!set_user && !set_group) return;
    full_ = !sink_.Add({{"path", path},
                        {"username", user == users_.end() ? Value() : Value(user->second)},
                        {"groupname", group == groups_.end() ? Value() : Value(group->second)},
                        {"permissions", std::string(set_user ? "S" : "") + (set_group ? "G" : "")},
                        {"uid", int64_t{info.uid}},
                        {"gid", int64_t{info.gid}},
                        {"mode", Octal(info.mode)}});
  }

  Env& env_;
  RowSink& sink_;
  int64_t end_;
  size_t looked_ = 0;
  bool full_ = false;
  bool unlimited_ = false;  // the place is to be walked in whole
  std::map<int64_t, std::string> users_;
  std::map<int64_t, std::string> groups_;
  std::set<std::string> skipped_;
};

absl::Status GenerateSuid(Env& env, const TableContext&, RowSink& sink) {
  SuidScan scan(env, sink);
  for (const Place& place : kPlaces) scan.Start(std::string(place.path), place.depth);
  return absl::OkStatus();
}

}  // namespace

Table suid_bin_table() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {.name = "suid_bin",
          .description =
              "Programs that run with the rights of their owner or group, where programs lie",
          .columns = {{.name = "path", .description = "The file"},
                      {.name = "username", .description = "Owner", .personal = "user"},
                      {.name = "groupname", .description = "Group"},
                      {.name = "permissions", .description = "S: setuid, G: setgid"},
                      {.name = "uid", .type = kBig, .description = "Owner's id", .hidden = true},
                      {.name = "gid", .type = kBig, .description = "Group's id", .hidden = true},
                      {.name = "mode", .description = "Permission bits, octal", .hidden = true}},
          .generate = GenerateSuid,
          .touches = [](Env&, const Declared&) {
            std::vector<Touch> touches = AccountTouches();
            for (const Place& place : kPlaces) {
              Append(touches,
                     TreeTouches(std::string(place.path), "programs with rights of their own"));
            }
            touches.push_back({TouchKind::kFile, "/proc/self/mountinfo", "mounts"});
            touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "every directory"});
            return touches;
          }};
}

}  // namespace tom
