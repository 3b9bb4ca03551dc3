// The oldest file of each declared retention that names a path: by the time of its last change.
#include <algorithm>

#include "checks/engine/table.h"
#include "checks/tables/config_files.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/path_walk.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Oldest {
  int64_t files = 0;
  int64_t too_old = 0;
  std::optional<UnixSeconds> modified;
  std::string path;
};

// Says to its sink what is only this entry's, and remembers that something was said.
class Problems : public RowSink {
 public:
  bool Add(std::initializer_list<std::pair<std::string_view, Value>>) override { return true; }
  bool AddRow(ValueRow) override { return true; }
  void Incomplete(std::string reason) override {
    if (first_.empty()) first_ = std::move(reason);
  }
  const std::string& first() const { return first_; }

 private:
  std::string first_;
};

class Look {
 public:
  Look(Env& env, int64_t limit) : env_(env), limit_(limit) {}

  void At(const std::string& path) {
    const auto info = env_.Lstat(path);
    if (absl::IsNotFound(info.status())) return;
    if (!info.ok()) return problems_.Incomplete(std::string(FromAbsl(info.status().message())));
    if (info->kind != FileKind::kDirectory) return Take(path, *info);
    PathWalk walk(env_, problems_, [this](const WalkedPath& one) {
      const auto below = env_.Lstat(one.path);
      if (below.ok() && below->kind != FileKind::kDirectory) Take(one.path, *below);
      if (!below.ok() && !absl::IsNotFound(below.status())) {
        problems_.Incomplete(std::string(FromAbsl(below.status().message())));
      }
      return true;
    });
    walk.Below(path);
  }

  void Problem(std::string text) { problems_.Incomplete(std::move(text)); }
  const Oldest& oldest() const { return oldest_; }
  const std::string& problem() const { return problems_.first(); }

 private:
  // Links have no age of their own, and hold nothing.
  void Take(const std::string& path, const FileInfo& info) {
    if (info.kind != FileKind::kRegular) return;
    ++oldest_.files;
    if (env_.Now() - info.modified > limit_) ++oldest_.too_old;
    if (oldest_.modified && *oldest_.modified <= info.modified) return;
    oldest_.modified = info.modified;
    oldest_.path = path;
  }

  Env& env_;
  int64_t limit_;
  Oldest oldest_;
  Problems problems_;
};

void AddEntry(Env& env, const DeclaredRetention& one, RowSink& sink) {
  Look look(env, one.limit_seconds);
  bool there = true;
  if (HasGlobCharacters(one.path)) {
    const GlobResult found = ExpandGlob(env, one.path);
    for (const std::string& problem : found.problems) look.Problem(problem);
    for (const std::string& path : found.paths) look.At(path);
    there = env.Stat(FolderOf(one.path.substr(0, one.path.find_first_of("*?[\\")) + "x")).ok();
  } else {
    // A declared folder that is a link is the one that is meant.
    const auto info = env.Stat(one.path);
    there = info.ok();
    if (!info.ok() && !absl::IsNotFound(info.status())) {
      look.Problem(std::string(FromAbsl(info.status().message())));
    }
    const bool folder = info.ok() && info->kind == FileKind::kDirectory;
    look.At(folder && !one.path.ends_with('/') ? one.path + "/." : one.path);
  }
  const Oldest& oldest = look.oldest();
  const bool dated = oldest.modified.has_value();
  sink.Add({{"name", PrintableText(one.name.empty() ? one.path : one.name)},
            {"path", PrintableText(one.path)},
            {"there", int64_t{there}},
            {"complete", int64_t{look.problem().empty()}},
            {"files", oldest.files},
            {"files_too_old", oldest.too_old},
            {"oldest", dated ? Value(FormatUtc(*oldest.modified)) : Value()},
            {"oldest_path", dated ? Value(PrintableText(oldest.path)) : Value()},
            {"age_seconds", dated ? Value(env.Now() - *oldest.modified) : Value()},
            {"limit_seconds", one.limit_seconds},
            {"promise", PrintableText(one.promise)},
            {"error", look.problem().empty() ? Value() : Value(PrintableText(look.problem()))}});
}

}  // namespace

Table retention_files_table() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  constexpr ColumnType kBig = ColumnType::kBigint;
  return {.name = "retention_files",
          .description = "Declared retention of files: the oldest of each",
          .columns =
              {{.name = "name", .description = "Its name in the configuration, or its path"},
               {.name = "path", .description = "File, folder with all below it, or pattern"},
               {.name = "there",
                .type = kInt,
                .description = "1: the path, or a pattern's folder, is there"},
               {.name = "complete", .type = kInt, .description = "1: all there is was looked at"},
               {.name = "files", .type = kBig, .description = "Regular files seen"},
               {.name = "files_too_old", .type = kBig, .description = "Those older than the limit"},
               {.name = "oldest", .description = "When the oldest was last changed, UTC"},
               {.name = "oldest_path", .description = "Which one it is"},
               {.name = "age_seconds",
                .type = kBig,
                .description = "Its age now; negative: in the future"},
               {.name = "limit_seconds", .type = kBig, .description = "Most that was agreed"},
               {.name = "promise", .description = "Clause that it belongs to"},
               {.name = "error", .description = "What could not be looked at"}},
          .generate =
              [](Env& env, const TableContext& context, RowSink& sink) {
                for (const DeclaredRetention& one : context.declared.retention) {
                  if (!one.path.empty()) AddEntry(env, one, sink);
                }
                return absl::OkStatus();
              },
          .touches =
              [](Env&, const Declared& declared) {
                std::vector<Touch> touches;
                for (const DeclaredRetention& one : declared.retention) {
                  if (one.path.empty()) continue;
                  Append(touches, GlobTouches(one.path, "retention of files"));
                  Append(touches, TreeTouches(one.path, "retention of files"));
                }
                return touches;
              }};
}

}  // namespace tom
