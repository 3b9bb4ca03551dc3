// The files that sudo's rules stand in: whether sudo takes them, and whether it can make sense of
// them.
#include "checks/engine/table.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/sudoers_tree.h"

namespace tom {
namespace {

std::string Octal(uint32_t mode) {
  std::string digits(4, '0');
  for (size_t i = 4; i-- > 0; mode >>= 3) digits[i] = static_cast<char>('0' + (mode & 7));
  return digits;
}

std::string State(const SudoersSource& source) {
  if (!source.refused.empty()) return "refused";
  return source.unread.empty() ? "read" : "unread";
}

absl::Status GenerateFiles(Env& env, const TableContext&, RowSink& sink) {
  const SudoersTree tree = LoadSudoers(env, ReadHostNames(env));
  for (const std::string& reason : tree.incomplete) {
    // A line that cannot be parsed is a row here; what was not read at all is missing.
    if (reason.find(" line ") == std::string::npos) sink.Incomplete(PrintableText(reason));
  }
  for (const SudoersSource& source : tree.sources) {
    std::string problem = !source.refused.empty() ? source.refused : source.unread;
    int64_t line = 0;
    if (!source.problems.empty()) {
      line = source.problems.front().line;
      if (problem.empty()) problem = source.problems.front().text;
    }
    const bool more = sink.Add(
        {{"path", source.path},
         {"state", State(source)},
         {"uid", source.known ? Value(int64_t{source.uid}) : Value()},
         {"gid", source.known ? Value(int64_t{source.gid}) : Value()},
         {"mode", source.known ? Value(Octal(source.mode)) : Value()},
         {"rules", source.text.empty() ? Value() : Value(static_cast<int64_t>(source.rules))},
         {"problems",
          source.unread.empty() ? Value(static_cast<int64_t>(source.problems.size())) : Value()},
         {"line", line == 0 ? Value() : Value(line)},
         {"problem", problem.empty() ? Value() : Value(PrintableText(problem))}});
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace

Table sudoers_files_table() {
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {
      .name = "sudoers_files",
      .description = "Files of sudo's rules: taken, refused, understood",
      .columns = {{.name = "path", .description = "File, or directory that sudo passes over"},
                  {.name = "state",
                   .description =
                       "read; refused: by sudo, for its owner, mode or kind; unread: by us"},
                  {.name = "uid", .type = kBig, .description = "Owner"},
                  {.name = "gid", .type = kBig, .description = "Group"},
                  {.name = "mode", .description = "Permission bits, octal"},
                  {.name = "rules", .type = kBig, .description = "Rules for users in it"},
                  {.name = "problems", .type = kBig, .description = "Lines that sudo cannot parse"},
                  {.name = "line", .type = kBig, .description = "The first of them"},
                  {.name = "problem", .description = "What is wrong with it, or with the file"}},
      .generate = GenerateFiles,
      .touches = SudoersTouches};
}

}  // namespace tom
