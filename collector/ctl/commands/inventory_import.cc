#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>

#include "collector/ctl/command.h"
#include "collector/ctl/inventory_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxInventory = 64u << 20;

struct Flags {
  std::string file, source, drawn_by, drawn_at;
  bool dry_run = false;
};

bool IsCsv(const std::string& path) {
  return path.size() > 4 && path.compare(path.size() - 4, 4, ".csv") == 0;
}

absl::StatusOr<InventoryFile> Load(const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const std::string text, ReadInput(flags.file, kMaxInventory));
  InventoryDefaults defaults{flags.source.empty() ? flags.file : flags.source, flags.drawn_by,
                             static_cast<UnixSeconds>(std::time(nullptr))};
  if (!flags.drawn_at.empty()) {
    const auto at = ParseDateOrTime(flags.drawn_at);
    if (!at.ok()) return absl::OutOfRangeError("--drawn-at: a date or a time in UTC is needed");
    defaults.now = *at;
  }
  return IsCsv(flags.file) ? ParseInventoryCsv(text, flags.file, defaults)
                           : ParseInventoryYaml(text, flags.file, defaults);
}

absl::StatusOr<int> Run(Session& session, const Flags& flags) {
  TOM_ASSIGN_OR_RETURN(const InventoryFile file, Load(flags));
  const std::string count = std::to_string(file.inventory.systems.size()) + " systems";
  if (flags.dry_run) {
    TOM_RETURN_IF_ERROR(session.Print(count + ", nothing sent\n"));
    return 0;
  }
  TOM_ASSIGN_OR_RETURN(
      const SubmittedStatement submitted,
      session.Sign(Signer::kOperator, Kind::kInventory, ToPredicate(file.inventory), file.bodies));
  TOM_RETURN_IF_ERROR(session.Print(count + ", statement " + submitted.digest + "\n"));
  return 0;
}

std::string UserName() {
  const char* user = getlogin();
  return user == nullptr ? "unknown" : user;
}

}  // namespace

Command inventory_import_command() {
  return {{"inventory", "import"},
          "makes a file the inventory: what all promises are measured against",
          "tomctl inventory import systems.yaml",
          [](CLI::App& app) -> CommandRunner {
            const auto flags = std::make_shared<Flags>();
            flags->drawn_by = UserName();
            app.add_option("file", flags->file, "YAML, or CSV by its name")->required();
            app.add_option("--source", flags->source, "where the list comes from");
            app.add_option("--drawn-by", flags->drawn_by, "who drew it");
            app.add_option("--drawn-at", flags->drawn_at, "when it was drawn; default: now");
            app.add_flag("--dry-run", flags->dry_run, "read and check only");
            return [flags](Session& session) { return Run(session, *flags); };
          }};
}

}  // namespace tom
