#include "checks/tables/unit_conditions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

using Truth = std::optional<bool>;

bool IsKnownMissing(const absl::Status& status) { return absl::IsNotFound(status); }

Truth PathHolds(Env& env, std::string_view kind, const std::string& path) {
  if (path.empty() || path[0] != '/' || path.find('%') != std::string::npos) return std::nullopt;
  const auto info = kind == "PathIsSymbolicLink" ? env.Lstat(path) : env.Stat(path);
  if (IsKnownMissing(info.status())) return false;
  if (!info.ok()) return std::nullopt;
  if (kind == "PathExists") return true;
  if (kind == "PathIsDirectory") return info->kind == FileKind::kDirectory;
  if (kind == "PathIsSymbolicLink") return info->kind == FileKind::kSymlink;
  if (kind == "FileNotEmpty") return info->kind == FileKind::kRegular && info->size > 0;
  if (kind == "FileIsExecutable") {
    return info->kind == FileKind::kRegular && (info->mode & 0111) != 0;
  }
  if (kind == "DirectoryNotEmpty") {
    const auto names = env.ListDirectory(path);
    return names.ok() ? Truth(!names->empty()) : std::nullopt;
  }
  return std::nullopt;
}

// A word of the command line, or the name before its "=".
Truth CommandLineHolds(Env& env, const std::string& asked) {
  const auto text = env.ReadFile("/proc/cmdline", 64 << 10);
  if (!text.ok()) return std::nullopt;
  const bool whole = asked.find('=') != std::string::npos;
  for (std::string_view word : WordsOf(*text, " \n")) {
    if (!whole) word = word.substr(0, word.find('='));
    if (word == asked) return true;
  }
  return false;
}

// One condition without its "!" and "|".
Truth Holds(Env& env, std::string_view kind, const std::string& value, bool negated) {
  if (kind == "ACPower") return UnitBoolean(value, true);
  if (kind == "Capability") return true;
  // Nobody can be in a container and none at once: only units that refuse containers are taken.
  if (kind == "Virtualization")
    return negated && value == "container" ? Truth(false) : std::nullopt;
  if (kind == "KernelCommandLine") {
    const Truth truth = CommandLineHolds(env, value);
    // In a dead tree nobody knows the next command line; what it must not say it seldom does.
    return !truth && negated ? Truth(false) : truth;
  }
  return PathHolds(env, kind, value);
}

// All of those without "|", and one of those with it.
Truth AllHold(Env& env, std::string_view start, const std::vector<UnitSetting>& settings) {
  bool known = true;
  bool any_triggers = false;
  bool triggered = false;
  for (const UnitSetting& one : settings) {
    std::string value = one.value;
    const auto take = [&](char mark) {
      if (value.empty() || value[0] != mark) return false;
      value.erase(0, 1);
      value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
      return true;
    };
    const bool trigger = take('|');
    const bool negated = take('!');
    Truth truth = Holds(env, std::string_view(one.key).substr(start.size()), value, negated);
    if (truth && negated) truth = !*truth;
    any_triggers = any_triggers || trigger;
    if (trigger) {
      triggered = triggered || (truth && *truth);
      known = known && (truth || triggered);
    } else if (truth && !*truth) {
      return false;
    } else {
      known = known && truth.has_value();
    }
  }
  if (any_triggers && !triggered && known) return false;
  return known ? Truth(true) : std::nullopt;
}

}  // namespace

std::optional<bool> ConditionsHold(Env& env, const UnitFile& content) {
  Truth all = true;
  for (const char* start : {"Condition", "Assert"}) {
    const Truth truth = AllHold(env, start, content.ValuesOfKind("Unit", start));
    if (truth && !*truth) return false;
    if (!truth) all = std::nullopt;
  }
  return all;
}

}  // namespace tom
