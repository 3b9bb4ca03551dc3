#include "checks/tables/backup_place.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "checks/parse/config_lines.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/storage_mounts.h"

namespace tom {
namespace {

constexpr std::array<std::string_view, 19> kRemote = {
    "nfs",    "nfs4",        "cifs",        "smb3",           "smbfs",          "ceph",
    "lustre", "beegfs",      "afs",         "glusterfs",      "fuse.sshfs",     "fuse.s3fs",
    "ncpfs",  "fuse.goofys", "fuse.rclone", "fuse.curlftpfs", "fuse.glusterfs", "fuse.ceph-fuse",
    "davfs"};
constexpr std::array<std::string_view, 16> kLocal = {
    "ext2",  "ext3", "ext4",  "xfs", "btrfs",    "zfs",   "f2fs",  "vfat",
    "exfat", "ntfs", "ntfs3", "jfs", "reiserfs", "tmpfs", "ramfs", "overlay"};
// Block devices whose blocks may be another machine's.
constexpr std::array<std::string_view, 3> kPerhapsRemote = {"/dev/nbd", "/dev/rbd", "/dev/drbd"};

template <size_t N>
bool IsOneOf(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool HasOption(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const size_t end = std::min(options.find(','), options.size());
    if (options.substr(0, end) == wanted) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// "server:/export", "//server/share", "user@server:", "https://server:443/share",
// "curlftpfs#ftp://server/": who serves it.
std::string ServerOf(std::string_view source) {
  if (const size_t scheme = source.find("://"); scheme != std::string_view::npos) {
    source.remove_prefix(scheme + 3);
    source = source.substr(0, source.find('/'));
    if (const size_t at = source.rfind('@'); at != std::string_view::npos) {
      source.remove_prefix(at + 1);
    }
    if (source.starts_with("[")) return std::string(source.substr(1, source.find(']') - 1));
    return std::string(source.substr(0, source.find(':')));
  }
  if (source.starts_with("//")) {
    source.remove_prefix(2);
    return std::string(source.substr(0, source.find('/')));
  }
  if (const size_t at = source.find('@'); at != std::string_view::npos && at < source.find('/')) {
    source.remove_prefix(at + 1);
  }
  if (source.starts_with("[")) return std::string(source.substr(1, source.find(']') - 1));
  return std::string(source.substr(0, source.find(':')));
}

// That of the RFC 4291 form of an IPv4 address, too.
bool IsThisHost(std::string server) {
  if (server.starts_with("::ffff:")) server.erase(0, 7);
  return server == "localhost" || server == "::1" || server == "0.0.0.0" || server == "::" ||
         server.starts_with("127.") || server.starts_with("localhost.") ||
         server.ends_with(".localhost") || server == "ip6-localhost" || server == "ip6-loopback";
}

std::string FirstLabel(const std::string& name) { return name.substr(0, name.find('.')); }

}  // namespace

std::optional<bool> IsOffHost(const MountEntry& mount, const std::set<std::string>& own,
                              std::string& why) {
  why = mount.fs_type + " of " + mount.source;
  if (IsOneOf(mount.fs_type, kRemote)) {
    const std::string named = Lower(ServerOf(mount.source));
    const std::string server = named.substr(0, named.find('%'));
    if (server.empty()) return std::nullopt;
    if (IsThisHost(server) || own.count(server) > 0) return false;
    const bool address = server.find(':') != std::string::npos ||
                         server.find_first_not_of("0123456789.") == std::string::npos;
    const bool alike = std::any_of(own.begin(), own.end(), [&](const std::string& name) {
      return name.find(':') == std::string::npos &&
             name.find_first_not_of("0123456789.") != std::string::npos &&
             FirstLabel(name) == FirstLabel(server);
    });
    if (alike && !address) {
      why += ", which has this host's name";
      return std::nullopt;
    }
    return true;
  }
  if (!IsOneOf(mount.fs_type, kLocal)) {
    why += ", which does not tell where its data are";
    return std::nullopt;
  }
  if (std::any_of(kPerhapsRemote.begin(), kPerhapsRemote.end(),
                  [&](std::string_view prefix) { return mount.source.starts_with(prefix); })) {
    why += ", whose blocks may be another machine's";
    return std::nullopt;
  }
  return false;
}

BackupPlaces::BackupPlaces(Env& env) : env_(env) {
  auto mounts = ReadStorageMounts(env);
  if (!mounts.ok()) {
    mounts_error_ = std::string(mounts.status().message());
  } else if (!mounts->info.problems.empty()) {
    mounts_error_ = mounts->source + ": " + mounts->info.problems[0];
  } else {
    mounts_ = std::move(mounts->info.entries);
  }
  if (auto name = env.ReadFile("/etc/hostname", 4096); name.ok()) {
    own_.insert(Lower(TrimLine(name->substr(0, name->find('\n')))));
    own_.erase("");
  }
  if (const auto own = env.InterfaceAddresses(); own.ok()) {
    for (const InterfaceAddress& one : *own) own_.insert(one.address);
  }
  AddOwnNames();
}

// Names that /etc/hosts has for an address of this host (hosts(5)).
void BackupPlaces::AddOwnNames() {
  const auto hosts = env_.ReadFile("/etc/hosts", 1 << 20);
  if (!hosts.ok()) return;
  for (const NumberedLine& line : LinesOf(*hosts)) {
    std::string_view rest = line.text;
    rest = rest.substr(0, rest.find('#'));
    std::string address;
    while (true) {
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r"), rest.size()));
      if (rest.empty()) break;
      const std::string word = Lower(rest.substr(0, rest.find_first_of(" \t\r")));
      rest.remove_prefix(word.size());
      if (address.empty()) {
        address = word;
        if (!IsThisHost(address) && own_.count(address) == 0) break;
      } else {
        own_.insert(word);
      }
    }
  }
}

BackupPlace BackupPlaces::Look(const std::string& path, const std::vector<std::string>& files) {
  BackupPlace place;
  place.place = path;
  Locate(path, place);
  WhoWrites(path, place);
  WhoReads(files, place);
  return place;
}

BackupPlace BackupPlaces::LookAtFolder(const std::string& path) {
  BackupPlace place;
  place.place = path;
  Locate(path, place);
  WhoWrites(path, place);
  const auto inside = PathReach(env_).OthersReach(path + "/inside");
  place.readable_why = "others may enter " + path + ", and what is in it is not looked at";
  if (inside.has_value() && !*inside) {
    place.world_readable = false;
    place.readable_why = "others cannot enter " + path;
  }
  return place;
}

void BackupPlaces::WhoWrites(const std::string& path, BackupPlace& place) {
  constexpr uint32_t kSticky = 01000;
  const auto real = RealPath(env_, path);
  if (!real.ok()) return;
  const auto info = env_.Lstat(*real);
  const auto reached = PathReach(env_).OthersReach(*real);
  if (!info.ok() || !reached.has_value()) return;
  const bool sticky_folder = info->kind == FileKind::kDirectory && (info->mode & kSticky) != 0;
  place.world_writable = *reached && (info->mode & 0002) != 0 && !sticky_folder;
  // Whoever may write a folder above renames what is in it, and puts another in its place.
  for (std::string above = *real; !*place.world_writable && above.size() > 1;) {
    above.resize(std::max<size_t>(above.rfind('/'), 1));
    const auto folder = env_.Lstat(above);
    const auto others = PathReach(env_).OthersReach(above);
    if (!folder.ok() || !others.has_value()) {
      place.world_writable.reset();
      return;
    }
    place.world_writable = *others && (folder->mode & 0002) != 0 && (folder->mode & kSticky) == 0;
  }
}

void BackupPlaces::Locate(const std::string& path, BackupPlace& place) {
  const auto real = RealPath(env_, path);
  const MountEntry* mount = nullptr;
  if (!real.ok()) {
    place.location_why = std::string(real.status().message());
  } else if (!mounts_error_.empty()) {
    place.location_why = mounts_error_;
  } else if (mount = MountOfPath(mounts_, *real); mount == nullptr) {
    place.location_why = "no mounted file system is known to hold it";
  }
  place.deletable_why = place.location_why;
  if (mount == nullptr) return;
  place.filesystem = mount->fs_type;
  place.off_host = IsOffHost(*mount, own_, place.location_why);
  if (HasOption(mount->options, "ro") || HasOption(mount->super_options, "ro")) {
    place.deletable_why = "it is mounted read-only here, which this host's root may change";
    return;
  }
  place.deletable = true;
  place.deletable_why = "it is mounted writable here: this host's root can remove every copy";
}

void BackupPlaces::WhoReads(const std::vector<std::string>& files, BackupPlace& place) {
  if (files.empty()) {
    place.readable_why = "there is no file to look at";
    return;
  }
  PathReach reach(env_);
  bool all_known = true;
  for (const std::string& file : files) {
    const auto info = env_.Lstat(file);
    const auto reached = reach.OthersReach(file);
    if (!info.ok() || !reached.has_value()) {
      all_known = false;
      place.readable_why = file + ": whether others may read it is not known";
    } else if (*reached && (info->mode & 0004) != 0) {
      place.world_readable = true;
      place.readable_why = file + " may be read by everybody";
      return;
    } else if (*reached && (info->mode & 0002) != 0) {
      place.world_readable = true;
      place.readable_why = file + " may be written by everybody";
      return;
    }
  }
  if (!all_known) return;
  place.world_readable = false;
  place.readable_why = "none of its files may be read by everybody";
}

}  // namespace tom
