// /proc/PID/mountinfo and /proc/swaps (proc(5)): what is mounted, and what is swapped to. Bytes ->
// values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_MOUNTINFO_H_
#define TOM_CHECKS_PARSE_MOUNTINFO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct MountEntry {
  int64_t id = 0;
  int64_t parent = 0;
  uint32_t major = 0;  // of the file system's device; 0 = an anonymous one
  uint32_t minor = 0;
  std::string root;         // which folder of the file system is mounted
  std::string mount_point;  // relative to the process's root
  std::string options;      // of this mount, "rw,relatime"
  std::string fs_type;      // with subtype: "fuse.sshfs"
  std::string source;       // file system specific; "none" stays "none"
  std::string super_options;
};

struct MountInfo {
  std::vector<MountEntry> entries;    // in the file's order: a later one covers an earlier
  std::vector<std::string> problems;  // "line N: what is wrong"; that line gives no entry
};

// At most kMaxMounts lines; more is a problem.
inline constexpr size_t kMaxMounts = 20000;
MountInfo ParseMountInfo(std::string_view text);

struct SwapEntry {
  std::string path;  // as the kernel names it; a removed file ends with " (deleted)"
  std::string type;  // partition or file
  int64_t size_kib = 0;
};

struct SwapList {
  std::vector<SwapEntry> entries;
  std::vector<std::string> problems;
};

SwapList ParseSwaps(std::string_view text);

// The kernel's \ooo escapes of blank, tab, newline, backslash and # undone; other text stays.
std::string UnescapeOctal(std::string_view text);

// The value of `name` in "a,name=value,b", with \ooo undone; empty when there is none. For the
// `lowerdir` of overlays and its kin.
std::string MountOption(std::string_view options, std::string_view name);

// The entry whose file system holds the absolute `path`: the deepest mount point that is `path` or
// above it, the last one where several stand on one point. Null when there is none.
const MountEntry* MountOfPath(const std::vector<MountEntry>& entries, std::string_view path);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_MOUNTINFO_H_
