#include "checks/tables/database_search.h"

#include <algorithm>

#include "checks/parse/database_magic.h"
#include "checks/tables/path_reach.h"

namespace tom {
namespace {

constexpr size_t kMaxFound = 20000;

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

DatabaseSearch::DatabaseSearch(Env& env, RowSink& sink)
    : env_(env),
      sink_(sink),
      walk_(
          env, sink,
          [this](const WalkedPath& found) {
            Take(found);
            return found_.size() < kMaxFound;
          },
          [this](const std::string& directory) { return Enter(directory); }) {}

void DatabaseSearch::Look(const std::string& path, const std::string& source) {
  const auto info = env_.Stat(path);
  const auto real = RealPath(env_, path);
  if (!info.ok()) return walk_.Say(info.status());
  if (!real.ok()) return walk_.Say(real.status());
  const bool seen = std::any_of(roots_.begin(), roots_.end(), [&](const std::string& root) {
    return *real == root || real->starts_with(root == "/" ? root : root + "/");
  });
  if (seen) return;
  roots_.push_back(*real);
  source_ = source;
  root_ = path;
  if (info->kind == FileKind::kRegular) {
    Take({path, Parent(path), path.substr(path.rfind('/') + 1)});
  } else if (info->kind == FileKind::kDirectory && Enter(path)) {
    walk_.Below(path);
  }
  if (found_.size() >= kMaxFound) sink_.Incomplete("more than 20,000 databases");
}

// A cluster of PostgreSQL is one database, of very many files (its manual, "Database File Layout").
bool DatabaseSearch::Enter(const std::string& directory) {
  if (directory == "/proc" || directory == "/sys") return false;  // no disk's
  const bool cluster =
      env_.Stat(directory + "/PG_VERSION").ok() && env_.Stat(directory + "/global/pg_control").ok();
  if (!cluster) return true;
  const auto version = env_.ReadFile(directory + "/PG_VERSION", 64);
  FoundDatabase found{.kind = "postgres",
                      .encrypted = false,
                      .detail = "PostgreSQL cluster",
                      .source = source_,
                      .pid = std::nullopt};
  if (version.ok() && version->find_first_not_of("0123456789.\n") == std::string::npos) {
    found.detail.append(" ").append(version->substr(0, version->find('\n')));
  }
  found_.try_emplace(directory, std::move(found));
  return false;
}

void DatabaseSearch::Take(const WalkedPath& found) {
  const auto info = env_.Lstat(found.path);
  if (!info.ok()) return walk_.Say(info.status());
  if (info->kind != FileKind::kRegular || info->size == 0) return;
  const bool table_space = found.filename.ends_with(".ibd") || found.filename.starts_with("ibdata");
  const auto start =
      env_.ReadRange(found.path, 0, table_space ? kInnodbBytes : kDatabaseStartBytes);
  if (!start.ok()) return walk_.Say(start.status());
  if (found.filename == "CURRENT" && start->starts_with("MANIFEST-")) {
    found_.try_emplace(found.directory, FoundDatabase{.kind = "rocksdb",
                                                      .encrypted = std::nullopt,
                                                      .detail = "LevelDB or RocksDB",
                                                      .source = source_,
                                                      .pid = std::nullopt});
    return;
  }
  const DatabaseFile told = TellDatabase(found.filename, *start, info->size);
  if (told.kind.empty()) return;
  if (told.kind == "innodb") return AddTableSpace(found, told.encrypted.value_or(false));
  found_.try_emplace(found.path, FoundDatabase{.kind = told.kind,
                                               .encrypted = told.encrypted,
                                               .detail = told.detail,
                                               .source = source_,
                                               .pid = std::nullopt});
}

// All table spaces of a server count together: its directory holds ibdata1, and one directory for
// each schema.
void DatabaseSearch::AddTableSpace(const WalkedPath& found, bool encrypted) {
  std::string directory = found.directory;
  if (directory.size() > root_.size() && env_.Stat(Parent(directory) + "/ibdata1").ok())
    directory = Parent(directory);
  Spaces& spaces = spaces_[directory];
  ++spaces.all;
  spaces.encrypted += encrypted ? 1 : 0;
  FoundDatabase& database = found_[directory];
  database.kind = "mysql";
  if (database.source.empty()) database.source = source_;
  database.encrypted = spaces.all == spaces.encrypted;
  database.detail = std::to_string(spaces.encrypted)
                        .append(" of ")
                        .append(std::to_string(spaces.all))
                        .append(" InnoDB table spaces are encrypted");
}

}  // namespace tom
