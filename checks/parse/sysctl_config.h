// Settings of the kernel as files give them: sysctl.d(5), systemd's reading of it (sysctl.c of
// systemd 252) and, for the order of files alone, sysctl(8). Bytes -> values, no I/O; pure and
// thread-safe.
#ifndef TOM_CHECKS_PARSE_SYSCTL_CONFIG_H_
#define TOM_CHECKS_PARSE_SYSCTL_CONFIG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tom {

// The path below /proc/sys that a key stands for: "net.ipv4.conf.eth0/1.x" ->
// "net/ipv4/conf/eth0.1/x". Where the first separator is a slash, slashes separate and dots are
// dots.
std::string SysctlPath(std::string_view key);

// The other way: slashes become dots and dots slashes, as sysctl(8) prints them.
std::string SysctlName(std::string_view path);

struct SysctlOption {
  std::string path;                  // below /proc/sys; may be a glob
  std::optional<std::string> value;  // none: "-key" keeps globs away from the key
  bool glob = false;
  std::string file;
  int line = 0;
  uint64_t order = 0;  // when it was set
};

// What files set together, read in order.
class SysctlSettings {
 public:
  static constexpr size_t kMaxOptions = 20000;

  // False once the bound is reached; then nothing more is taken.
  bool Read(std::string_view text, const std::string& file);

  // What is written to `path` in the end: what names it, or else the last glob that covers it.
  // Null: nothing is.
  const SysctlOption* For(std::string_view path) const;

  // By path. A key that is set again counts as set then, unless it is set to the same value.
  const std::map<std::string, SysctlOption, std::less<>>& options() const { return options_; }

 private:
  bool Put(SysctlOption option);

  std::map<std::string, SysctlOption, std::less<>> options_;
  uint64_t next_ = 0;
  size_t globs_ = 0;
};

// The number that the kernel takes a value for: decimal, 0x hexadecimal or 0 octal, a sign in
// front. Nothing for anything else, several numbers too.
std::optional<int64_t> SysctlNumber(std::string_view value);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_SYSCTL_CONFIG_H_
