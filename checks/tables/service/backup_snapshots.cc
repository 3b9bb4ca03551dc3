// The declared backups and what there is of them: the newest copies, their age, size and shape. A
// backup of which there is nothing, or that cannot be examined, is one row that says so.
#include <algorithm>
#include <set>

#include "checks/engine/table.h"
#include "checks/tables/backup_kinds.h"
#include "checks/tables/backup_s3.h"
#include "checks/tables/backup_store.h"
#include "checks/tables/database_search.h"
#include "checks/tables/touch_lists.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kPredecessors = 5;
constexpr int64_t kCostlyMs = 12000;  // of the 30 s that a check has

absl::StatusOr<BackupContent> Examine(Env& env, const DeclaredBackup& backup,
                                      const Declared& declared, int64_t costly_until_ms) {
  if (backup.kind == "files") return ExamineFiles(env, backup, declared);
  if (backup.kind == "restic") return ExamineRestic(env, backup, declared, costly_until_ms);
  if (backup.kind == "borg") return ExamineBorg(env, backup, declared);
  if (backup.kind == "s3") return ExamineS3(env, backup, declared);
  if (backup.kind == "pgbackrest") return ExaminePgBackRest(env, backup);
  if (backup.kind == "barman") return ExamineBarman(env, backup);
  if (backup.kind == "zfs") return ExamineZfs(env, backup);
  if (backup.kind == "btrfs") return ExamineBtrfs(env, backup);
  return absl::UnimplementedError(
      ToAbsl("backups of kind " + backup.kind + " are not examined yet"));
}

// What the search cannot read it says where databases are listed.
class QuietSink : public RowSink {
 public:
  bool Add(std::initializer_list<std::pair<std::string_view, Value>>) override { return true; }
  bool AddRow(ValueRow) override { return true; }
  void Incomplete(std::string) override {}
};

bool TellsItsMembers(const DeclaredBackup& backup) {
  return backup.kind == "files" || backup.kind == "restic" || backup.kind == "borg";
}

// Databases below what backups are to cover: each is looked for in the copy by its own name, for a
// folder may be held without one of its files.
std::set<std::string> DatabasesBelow(Env& env, const Declared& declared) {
  QuietSink sink;
  DatabaseSearch search(env, sink);
  for (const DeclaredBackup& backup : declared.backups) {
    if (!TellsItsMembers(backup)) continue;
    for (const std::string& top : backup.covers) search.Look(top, "covered");
  }
  std::set<std::string> paths;
  for (const auto& [path, found] : search.found()) paths.insert(path);
  return paths;
}

std::string JsonList(const std::set<std::string>& texts) {
  std::string list;
  for (const std::string& one : texts) {
    const auto text = EncodeCanonical(Json(one));
    if (text.ok()) list.append(list.empty() ? "" : ",").append(*text);
  }
  return "[" + list + "]";
}

// Those of the declared data paths and of what the backup is to cover that are among `held`: below
// one that is held something may have been left out. What else a backup holds is nobody's business
// here.
Value DeclaredIn(const Declared& declared, const DeclaredBackup& backup,
                 const std::vector<std::string>& held) {
  std::set<std::string> in;
  const auto look = [&](const std::string& path) {
    std::string plain = path;
    while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
    if (std::find(held.begin(), held.end(), plain) != held.end()) in.insert(path);
  };
  for (const DeclaredPath& data : declared.data_paths) look(data.path);
  for (const std::string& path : backup.covers) look(path);
  return JsonList(in);
}

// The declared data paths that lie in what it is to cover.
Value DataPathsIn(const Declared& declared, const std::vector<std::string>& tops) {
  std::set<std::string> in;
  for (const DeclaredPath& data : declared.data_paths) {
    if (std::any_of(tops.begin(), tops.end(),
                    [&](const std::string& top) { return LiesBelow(data.path, top); })) {
      in.insert(data.path);
    }
  }
  return JsonList(in);
}

Value Tops(const DeclaredBackup& backup) {
  return JsonList({backup.covers.begin(), backup.covers.end()});
}

// The middle size of the copies before `index`, or nothing.
std::optional<int64_t> UsualSize(const BackupContent& content, size_t index) {
  std::vector<int64_t> sizes;
  for (size_t i = index + 1; i < content.snapshots.size() && sizes.size() < kPredecessors; ++i) {
    if (content.snapshots[i].size_bytes) sizes.push_back(*content.snapshots[i].size_bytes);
  }
  if (sizes.empty()) return std::nullopt;
  std::sort(sizes.begin(), sizes.end());
  return sizes[sizes.size() / 2];
}

class Rows {
 public:
  Rows(const TableContext& context, const Declared& asked, const std::set<std::string>& databases,
       RowSink& sink)
      : context_(context), asked_(asked), databases_(JsonList(databases)), sink_(sink) {}

  bool AddNothing(const DeclaredBackup& backup, Value error, Value found) {
    return sink_.Add({{"name", backup.name},
                      {"kind", backup.kind},
                      {"covers", DataPathsIn(context_.declared, backup.covers)},
                      {"covers_tops", Tops(backup)},
                      {"found", std::move(found)},
                      {"newest", int64_t{1}},
                      {"min_bytes", backup.min_bytes.value_or(0)},
                      {"max_age_seconds", backup.max_age_seconds.value_or(0)},
                      {"error", std::move(error)}});
  }

  // So much is damaged that nothing can be listed.
  bool AddDamaged(const DeclaredBackup& backup, std::string_view what) {
    return sink_.Add({{"name", backup.name},
                      {"kind", backup.kind},
                      {"covers", DataPathsIn(context_.declared, backup.covers)},
                      {"covers_tops", Tops(backup)},
                      {"newest", int64_t{1}},
                      {"format", backup.kind},
                      {"complete", int64_t{0}},
                      {"doubt", std::string(what)},
                      {"min_bytes", backup.min_bytes.value_or(0)},
                      {"max_age_seconds", backup.max_age_seconds.value_or(0)}});
  }

  bool AddSnapshot(const DeclaredBackup& backup, const BackupContent& content, size_t index) {
    const BackupSnapshot& one = content.snapshots[index];
    return sink_.Add(
        {{"name", backup.name},
         {"kind", backup.kind},
         {"covers", DataPathsIn(context_.declared, backup.covers)},
         {"covers_tops", Tops(backup)},
         {"contains", one.tells_paths ? DeclaredIn(asked_, backup, one.paths) : Value()},
         {"databases", one.tells_paths ? Value(databases_) : Value()},
         {"found", content.found},
         {"newest", int64_t{index == 0}},
         {"snapshot", one.id},
         {"time", one.time},
         {"size_bytes", NumberOrNull(one.size_bytes)},
         {"usual_bytes", NumberOrNull(UsualSize(content, index))},
         {"format", TextOrNull(one.format)},
         {"content", TextOrNull(one.content)},
         {"encrypted", NumberOrNull(one.encrypted)},
         {"complete", NumberOrNull(one.complete)},
         {"doubt", TextOrNull(one.doubt)},
         {"min_bytes", backup.min_bytes.value_or(0)},
         {"max_age_seconds", backup.max_age_seconds.value_or(0)}});
  }

 private:
  const TableContext& context_;
  const Declared& asked_;
  std::string databases_;
  RowSink& sink_;
};

std::vector<Touch> TouchesOf(Env&, const Declared& declared) {
  std::vector<Touch> touches;
  for (const DeclaredBackup& backup : declared.backups) {
    for (const std::string& top : backup.covers) {
      if (TellsItsMembers(backup)) Append(touches, TreeTouches(top, "databases to be backed up"));
    }
    if (backup.kind == "files") {
      // What stands beside a copy of a database of SQLite is read with it.
      for (const char* end : {"", "-wal", "-journal"}) {
        Append(touches, GlobTouches(backup.path + end, "backup " + backup.name));
      }
    }
    if (backup.kind == "restic") Append(touches, ResticTouches(backup));
    if (backup.kind == "borg") Append(touches, BorgTouches(backup));
    if (backup.kind == "s3") Append(touches, S3Touches(backup));
    if (backup.kind == "zfs") Append(touches, ZfsTouches(backup));
    if (backup.kind == "pgbackrest" || backup.kind == "barman" || backup.kind == "btrfs") {
      Append(touches, CatalogueTouches(backup));
    }
  }
  return touches;
}

absl::Status GenerateSnapshots(Env& env, const TableContext& context, RowSink& sink) {
  const std::set<std::string> databases = DatabasesBelow(env, context.declared);
  Declared asked = context.declared;
  for (const std::string& path : databases) {
    DeclaredPath one;
    one.path = path;
    asked.data_paths.push_back(std::move(one));
  }
  Rows rows(context, asked, databases, sink);
  const int64_t costly_until_ms = env.MonotonicMs() + kCostlyMs;
  for (const DeclaredBackup& backup : context.declared.backups) {
    const auto content = Examine(env, backup, asked, costly_until_ms);
    bool more = true;
    if (absl::IsDataLoss(content.status())) {
      more = rows.AddDamaged(backup, FromAbsl(content.status().message()));
    } else if (!content.ok()) {
      more = rows.AddNothing(backup, std::string(content.status().message()), Value());
    } else if (content->snapshots.empty()) {
      more = rows.AddNothing(backup, Value(), content->found);
    }
    for (size_t i = 0; content.ok() && more && i < content->snapshots.size(); ++i) {
      more = rows.AddSnapshot(backup, *content, i);
    }
    if (!more) break;
  }
  return absl::OkStatus();
}

Column Number(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kBigint, .description = description};
}

}  // namespace

Table backup_snapshots_table() {
  return {
      .name = "backup_snapshots",
      .description = "Declared backups and the newest copies of each",
      .columns =
          {{.name = "name", .description = "Name in the configuration"},
           {.name = "kind", .description = "files, restic, …"},
           {.name = "covers",
            .description = "Declared data paths that it is declared to cover, a JSON list"},
           {.name = "contains",
            .description = "Declared data paths, and paths it is to cover, that this copy holds by "
                           "its own account, a JSON list; NULL where it does not tell"},
           Number("found", "How many copies there are; NULL: not known"),
           Number("newest", "1 for the newest copy, and for a backup without any"),
           {.name = "snapshot", .description = "Id of the copy, or its file"},
           Number("time",
                  "When it was made, seconds since 1970; of files the time of their last change"),
           Number("size_bytes", "Size"),
           Number("usual_bytes", "Middle size of up to five copies before it"),
           {.name = "format",
            .description = "restic, borg …, or what the file is: gzip xz zstd tar … unknown"},
           Number("encrypted", "1: not readable without a key, 0: readable, NULL: not known"),
           Number("complete",
                  "1: goes on to its end, 0: cut off, damaged or zeros; NULL: not known"),
           {.name = "doubt", .description = "Why complete or encrypted is not known"},
           Number("min_bytes", "Declared least size; 0: none is declared"),
           Number("max_age_seconds", "Declared greatest age; 0: none is declared"),
           {.name = "error", .description = "Why it could not be examined"},
           {.name = "covers_tops", .description = "What it is declared to cover, a JSON list"},
           {.name = "databases",
            .description =
                "Databases below what backups cover that were looked for in this copy, a "
                "JSON list; those that it holds are in contains"},
           {.name = "content",
            .description = "Of a compressed file what is in it: tar sql pgdump …"}},
      .generate = GenerateSnapshots,
      .touches = TouchesOf};
}

}  // namespace tom
