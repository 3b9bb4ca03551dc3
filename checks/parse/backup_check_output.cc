#include "checks/parse/backup_check_output.h"

#include <algorithm>
#include <initializer_list>

namespace tom {
namespace {

using Phrases = std::initializer_list<std::string_view>;

bool SaysAny(std::string_view text, Phrases phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return text.find(phrase) != std::string_view::npos;
  });
}

BackupCheckOutput OfRestic(std::string_view text) {
  BackupCheckOutput output;
  const bool failed = SaysAny(text, {"Fatal:", "error:", "Error", "contains errors",
                                     "does not exist", "unexpected file size", "invalid data"});
  const bool passed = text.find("no errors were found") != std::string_view::npos;
  if (passed == failed) return output;
  output.passed = passed;
  output.scope = SaysAny(text, {"read all data"})                          ? "data"
                 : SaysAny(text, {"data packs", "read group", "randomly"}) ? "subset"
                                                                           : "structure";
  return output;
}

BackupCheckOutput OfBorg(std::string_view text) {
  BackupCheckOutput output;
  const bool repository = SaysAny(text, {"full repository check, no problems found",
                                         "Completed repository check, no problems found",
                                         "Finished full repository check, no problems found"});
  const bool archives = SaysAny(text, {"Archive consistency check complete, no problems found"});
  const bool failed =
      SaysAny(text, {"errors found", "problems found during", "corrupted", "Traceback",
                     "integrity check failed", "orphaned objects found", "Error",
                     "No valid archives", "Check needed", "mismatch"});
  if ((repository || archives) == failed) return output;
  output.passed = !failed;
  output.scope = repository || failed ? "data" : "structure";
  return output;
}

}  // namespace

BackupCheckOutput ParseBackupCheckOutput(std::string_view kind, std::string_view text) {
  if (kind == "restic") return OfRestic(text);
  if (kind == "borg") return OfBorg(text);
  return {};
}

}  // namespace tom
