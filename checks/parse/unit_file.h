// Files in systemd's syntax (systemd.syntax(7)): units, drop-ins and the .conf files of its
// daemons. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_UNIT_FILE_H_
#define TOM_CHECKS_PARSE_UNIT_FILE_H_

#include <string>
#include <string_view>
#include <vector>

namespace tom {

struct UnitSetting {
  std::string section;
  std::string key;
  std::string value;
  int line = 0;
};

// Several files one after the other: what a unit and its drop-ins come to.
class UnitFile {
 public:
  static constexpr size_t kMaxSettings = 20000;

  // False once the bound is reached.
  bool Read(std::string_view text);

  // The last value; empty where there is none.
  std::string Value(std::string_view section, std::string_view key) const;
  // Words of all values since the last empty one, which empties a list.
  std::vector<std::string> Words(std::string_view section, std::string_view key) const;
  // All values since the last empty one.
  std::vector<std::string> Values(std::string_view section, std::string_view key) const;
  bool HasSection(std::string_view section) const;
  // Settings whose keys begin with `start`, since the last empty one of them, which empties all.
  std::vector<UnitSetting> ValuesOfKind(std::string_view section, std::string_view start) const;
  const std::vector<UnitSetting>& settings() const { return settings_; }

 private:
  std::vector<UnitSetting> settings_;
};

// yes/no as systemd spells it: 1, yes, y, true, t, on and their opposites. `otherwise` for anything
// else.
bool UnitBoolean(std::string_view value, bool otherwise);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_UNIT_FILE_H_
