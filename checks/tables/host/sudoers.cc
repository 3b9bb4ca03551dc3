// The lines of sudoers and of what it includes, as osquery shows them: nothing resolved. What they
// grant is in sudo_rules.
#include "checks/engine/table.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/sudoers_tree.h"
#include "evidence/digest.h"

namespace tom {
namespace {

absl::Status GenerateSudoers(Env& env, const TableContext&, RowSink& sink) {
  const SudoersTree tree = LoadSudoers(env, ReadHostNames(env));
  for (const SudoersSource& source : tree.sources) {
    if (!source.unread.empty()) sink.Incomplete(source.unread);
    for (const SudoersLine& line : SudoersLines(source.text)) {
      const bool more = sink.Add({{"source", source.path},
                                  {"header", PrintableText(line.header)},
                                  {"rule_details", PrintableText(line.details)}});
      if (!more) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

Table sudoers_table() {
  return {.name = "sudoers",
          .description = "Lines of sudoers and of the files that it includes",
          .columns = {{.name = "source", .description = "File"},
                      {.name = "header",
                       .description = "First word: an account, %group, Defaults, User_Alias, ...",
                       .personal = "user"},
                      {.name = "rule_details",
                       .description = "The rest of the line",
                       .personal = "sudoers_rule"}},
          .generate = GenerateSudoers,
          .touches = SudoersTouches};
}

}  // namespace tom
