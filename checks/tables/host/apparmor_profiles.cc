// Profiles that AppArmor's kernel part holds, from /sys/kernel/security/apparmor. No row: it is not
// there, or holds none; `apparmor` in /sys/kernel/security/lsm says whether it is switched on.
#include "checks/engine/table.h"
#include "checks/parse/config_lines.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kFolder[] = "/sys/kernel/security/apparmor";
constexpr char kProfiles[] = "/sys/kernel/security/apparmor/profiles";
constexpr char kSecurity[] = "/sys/kernel/security";
constexpr char kLsm[] = "/sys/kernel/security/lsm";

// "/usr/sbin/x (enforce)": the mode stands in the last pair of brackets.
bool AddProfile(std::string_view line, RowSink& sink) {
  const size_t open = line.rfind(" (");
  if (open == std::string_view::npos || line.back() != ')') {
    sink.Incomplete(std::string(kProfiles) + ": a line that is not understood");
    return true;
  }
  const std::string name(line.substr(0, open));
  const std::string mode(line.substr(open + 2, line.size() - open - 3));
  return sink.Add({{"path", std::string(kProfiles)},
                   {"name", name},
                   {"attach", name.starts_with("/") ? Value(name) : Value("")},
                   {"mode", mode},
                   {"sha1", Value()},
                   {"sha256", Value()}});
}

absl::Status GenerateProfiles(Env& env, const TableContext&, RowSink& sink) {
  const auto text = env.ReadFile(kProfiles, 4 << 20);
  if (absl::IsNotFound(text.status()) && env.mode() != RootMode::kDeadTree) {
    const auto lsm = env.ReadFile(kLsm, 4096);
    const bool off = lsm.ok() && ("," + *lsm).find(",apparmor") == std::string::npos;
    if (off) return absl::OkStatus();
    if (!env.Stat(kLsm).ok()) sink.Incomplete(std::string(kSecurity) + ": not mounted");
    return absl::OkStatus();
  }
  if (!text.ok()) return Annotate(text.status(), "only a live kernel knows");
  for (const NumberedLine& line : LinesOf(*text)) {
    if (!line.text.empty() && !AddProfile(line.text, sink)) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table apparmor_profiles_table() {
  return {.name = "apparmor_profiles",
          .description = "Profiles that AppArmor has loaded",
          .columns = {{.name = "path", .description = "Where the kernel lists it"},
                      {.name = "name", .description = "Name"},
                      {.name = "attach", .description = "Program, where the name is one"},
                      {.name = "mode", .description = "enforce, complain, kill, unconfined, …"},
                      {.name = "sha1", .description = "Not read: always NULL"},
                      {.name = "sha256", .description = "Not read: always NULL"}},
          .generate = GenerateProfiles,
          .touches = [](Env&, const Declared&) {
            std::vector<Touch> touches =
                FileTouches({kFolder, kProfiles, kLsm}, "profiles of AppArmor");
            touches.push_back({TouchKind::kCapability, "CAP_MAC_ADMIN", "profiles of AppArmor"});
            return touches;
          }};
}

}  // namespace tom
