#include "agent/drill/compare.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "agent/state_file.h"
#include "evidence/digest.h"

namespace tom {
namespace {

constexpr int64_t kSecond = 1000000000;

// Below `folder`, without a link, a magic link or another mount's boundary where `one_mount`.
OwnedFd OpenBelow(int folder, const std::string& name, int flags, bool one_mount) {
  open_how how;
  std::memset(&how, 0, sizeof(how));
  const int more = (flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY;
  how.flags = static_cast<uint64_t>(flags | more | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  if (one_mount) how.resolve |= RESOLVE_NO_XDEV;
  return OwnedFd(static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof(how))));
}

std::string WithoutSlashes(const std::string& path) {
  const size_t first = path.find_first_not_of('/');
  return first == std::string::npos ? "." : path.substr(first);
}

struct LivePlace {
  OwnedFd folder;
  std::string name;  // below it
};

// The data path itself is the site's own word: links on the way to it are followed.
LivePlace PlaceOfLive(const SampleItem& item, const std::vector<std::string>& data_paths) {
  std::string top = item.place ? data_paths[*item.place] : "/";
  while (top.size() > 1 && top.back() == '/') top.pop_back();
  if (item.live == top) top = top.substr(0, top.rfind('/') + 1);  // a data path that is a file
  LivePlace place;
  place.folder = OwnedFd(open(top.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  place.name = WithoutSlashes(item.live.substr(top.size()));
  return place;
}

OwnedFd OpenLive(const LivePlace& place) {
  OwnedFd fd = OpenBelow(place.folder.get(), place.name, O_RDONLY | O_NOATIME, false);
  if (fd.ok() || errno != EPERM) return fd;
  return OpenBelow(place.folder.get(), place.name, O_RDONLY, false);
}

// Nothing where it cannot be read to its end, or no time is left.
std::optional<Digest> DigestOfFile(int fd, int64_t size, const std::function<int64_t()>& left_ms) {
  Sha256Stream stream;
  std::array<char, 256 << 10> chunk;
  int64_t seen = 0;
  while (left_ms() > 0) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return stream.Finish();
    seen += got;
    if (seen > size) return std::nullopt;  // it grows
    stream.Add({chunk.data(), static_cast<size_t>(got)});
  }
  return std::nullopt;
}

// As far as the copy tells the time.
bool IsUnchanged(const struct stat& live, const ListedEntry& entry) {
  if (!S_ISREG(live.st_mode) || live.st_size != entry.size) return false;
  if (entry.precision_ns >= kSecond) return live.st_mtim.tv_sec == entry.modified;
  const int64_t seconds = live.st_mtim.tv_sec - entry.modified;
  if (seconds < -1 || seconds > 1) return false;
  const int64_t apart = seconds * kSecond + live.st_mtim.tv_nsec - entry.modified_ns;
  return std::llabs(apart) < entry.precision_ns || apart == 0;
}

Comparison::Live CompareLive(const SampleItem& item, const Digest& restored,
                             const std::vector<std::string>& data_paths,
                             const std::function<int64_t()>& left_ms) {
  using Live = Comparison::Live;
  if (item.live.empty()) return Live::kChanged;
  const LivePlace place = PlaceOfLive(item, data_paths);
  if (!place.folder.ok()) return errno == ENOENT ? Live::kChanged : Live::kUnreadable;
  struct stat before {};
  {
    // Looked at before it is opened: to open a device may have effects.
    const OwnedFd look = OpenBelow(place.folder.get(), place.name, O_PATH | O_NOFOLLOW, false);
    if (!look.ok()) {
      return errno == ENOENT || errno == ENOTDIR ? Live::kChanged : Live::kUnreadable;
    }
    if (fstat(look.get(), &before) != 0) return Live::kUnreadable;
    if (!IsUnchanged(before, item.entry)) return Live::kChanged;
  }
  const OwnedFd fd = OpenLive(place);
  struct stat opened {};
  if (!fd.ok() || fstat(fd.get(), &opened) != 0) return Live::kUnreadable;
  if (opened.st_ino != before.st_ino || !S_ISREG(opened.st_mode)) return Live::kChanged;
  const std::optional<Digest> digest = DigestOfFile(fd.get(), item.entry.size, left_ms);
  struct stat after {};
  if (!digest || fstat(fd.get(), &after) != 0) return Live::kUnreadable;
  if (*digest == restored) return Live::kEqual;
  return IsUnchanged(after, item.entry) ? Live::kDifferent : Live::kChanged;
}

}  // namespace

Comparison Compare(const SampleItem& item, int scratch, const std::string& place,
                   const std::vector<std::string>& data_paths,
                   const std::function<int64_t()>& left_ms) {
  Comparison result;
  const OwnedFd fd = OpenBelow(scratch, WithoutSlashes(place), O_RDONLY, true);
  struct stat info {};
  if (!fd.ok() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return result;
  result.bytes = info.st_size;
  const bool stream = item.entry.kind == ListedEntry::Kind::kStream;
  result.wrong_size = !stream && info.st_size != item.entry.size;
  result.restored = true;
  if (stream || result.wrong_size) return result;
  const std::optional<Digest> digest = DigestOfFile(fd.get(), info.st_size, left_ms);
  if (!digest) {
    result.live = Comparison::Live::kUnreadable;
    return result;
  }
  result.live = CompareLive(item, *digest, data_paths, left_ms);
  return result;
}

bool IsSameLink(const SampleItem& item, const std::vector<std::string>& data_paths) {
  const LivePlace place = PlaceOfLive(item, data_paths);
  if (!place.folder.ok()) return false;
  const OwnedFd link = OpenBelow(place.folder.get(), place.name, O_PATH | O_NOFOLLOW, false);
  std::array<char, PATH_MAX> target{};
  if (!link.ok()) return false;
  const ssize_t size = readlinkat(link.get(), "", target.data(), target.size());
  return size > 0 &&
         std::string_view(target.data(), static_cast<size_t>(size)) == item.entry.link_target;
}

}  // namespace tom
