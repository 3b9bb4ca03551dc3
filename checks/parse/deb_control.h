// Stanzas of Debian's control files (deb822(5)): dpkg's status, apt's Packages, Release and
// .sources. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_DEB_CONTROL_H_
#define TOM_CHECKS_PARSE_DEB_CONTROL_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

// Field names in lower case; of a field that continues, its lines with '\n' between them.
struct DebStanza {
  std::map<std::string, std::string, std::less<>> fields;
  int line = 0;  // of its first field, from 1

  std::string_view Field(std::string_view name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct DebStanzas {
  std::vector<DebStanza> stanzas;
  size_t bad_lines = 0;  // neither a field nor a continuation
  bool cut = false;      // more than kMaxDebStanzas
};

inline constexpr size_t kMaxDebStanzas = 100000;

// Keeps the fields named (lower case; all when empty). Lines that begin with `#` are comments; the
// armour of a signed file (InRelease) is left out.
DebStanzas ParseDebStanzas(std::string_view text, const std::vector<std::string>& keep = {});

struct DebPackage {
  std::string_view name;
  std::string_view version;
  std::string_view architecture;
};

// Packages of a list that comes in pieces of any size.
class PackageListReader {
 public:
  // `wanted` says which names are of interest, `use` gets those; the views live as long as the
  // call.
  PackageListReader(std::function<bool(std::string_view name)> wanted,
                    std::function<void(const DebPackage&)> use)
      : wanted_(std::move(wanted)), use_(std::move(use)) {}

  // False when a line is longer than 1 MiB.
  bool Take(std::string_view piece);
  // After the last piece.
  void End();
  size_t packages() const { return packages_; }

 private:
  void Line(std::string_view line);
  void Flush();

  std::function<bool(std::string_view)> wanted_;
  std::function<void(const DebPackage&)> use_;
  std::string rest_;
  std::string name_, version_, architecture_;
  bool open_ = false;
  bool skip_ = false;
  size_t packages_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_DEB_CONTROL_H_
