// Whether the system waits for a boot: the flag that package scripts leave (Debian's
// /run/reboot-required), and a kernel on the disk that is newer than the one that runs.
#include "checks/engine/table.h"
#include "checks/parse/config_lines.h"
#include "checks/parse/deb_version.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kFlags[] = {"/run/reboot-required", "/var/run/reboot-required"};
constexpr char kPackages[] = "/run/reboot-required.pkgs";
constexpr char kRelease[] = "/proc/sys/kernel/osrelease";

// "rt-amd64" of "6.1.0-18-rt-amd64", what follows the numbers: kernels of another flavour are not
// compared.
std::string Flavour(const std::string& release) {
  for (size_t dash = release.find('-'); dash != std::string::npos;
       dash = release.find('-', dash + 1)) {
    const char next = dash + 1 < release.size() ? release[dash + 1] : '0';
    if (next < '0' || next > '9') return release.substr(dash + 1);
  }
  return "";
}

// The newest image of the running kernel's flavour; empty where there is none.
absl::StatusOr<std::string> NewestKernel(Env& env, const std::string& running) {
  const auto names = env.ListDirectory("/boot");
  if (absl::IsNotFound(names.status())) return std::string();
  if (!names.ok()) return names.status();
  std::string newest;
  for (const std::string& name : *names) {
    if (!name.starts_with("vmlinuz-") && !name.starts_with("vmlinux-")) continue;
    const std::string release = name.substr(8);
    if (Flavour(release) != Flavour(running) || release.find("rescue") != std::string::npos)
      continue;
    if (newest.empty() || CompareDebVersions(release, newest) > 0) newest = release;
  }
  return newest;
}

absl::Status GenerateState(Env& env, const TableContext&, RowSink& sink) {
  if (env.mode() == RootMode::kDeadTree)
    return absl::UnimplementedError("only a live kernel knows what it waits for");
  const auto release = env.ReadFile(kRelease, 4096);
  if (!release.ok()) return release.status();
  const std::string running(TrimLine(release->substr(0, release->find('\n'))));
  bool flag = false;
  for (const char* path : kFlags) {
    const auto info = env.Lstat(path);
    flag = flag || info.ok();
    if (!info.ok() && !absl::IsNotFound(info.status()))
      sink.Incomplete(std::string(info.status().message()));
  }
  const auto packages = env.ReadFile(kPackages, 64 << 10);
  TOM_ASSIGN_OR_RETURN(const std::string newest, NewestKernel(env, running));
  Value newer;
  if (!newest.empty()) newer = int64_t{CompareDebVersions(newest, running) > 0};
  std::string names;
  if (packages.ok()) {
    for (const NumberedLine& line : LinesOf(*packages)) {
      if (names.size() < 2000 && !line.text.empty())
        names.append(names.empty() ? "" : " ").append(line.text);
    }
  }
  sink.Add({{"required", int64_t{flag}},
            {"packages", names},
            {"running_kernel", running},
            {"newest_kernel", newest},
            {"newer_kernel", newer}});
  return absl::OkStatus();
}

}  // namespace

Table reboot_state_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {.name = "reboot_state",
          .description = "Whether the system waits for a boot",
          .columns = {{.name = "required", .type = kInt, .description = "1: a package asks for it"},
                      {.name = "packages", .description = "Which, with blanks"},
                      {.name = "running_kernel", .description = "Release that runs"},
                      {.name = "newest_kernel",
                       .description = "Newest of its flavour in /boot; empty: none lies there"},
                      {.name = "newer_kernel",
                       .type = kInt,
                       .description = "1: that is newer; NULL: none lies there"}},
          .generate = GenerateState,
          .touches = [](Env&, const Declared&) {
            return FileTouches(
                {"/run/reboot-required", "/var/run/reboot-required", kPackages, kRelease, "/boot"},
                "whether a boot is waited for");
          }};
}

}  // namespace tom
