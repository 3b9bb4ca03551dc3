// Databases on this host's disks, and what they lie on: below declared data paths, where packages
// keep them, and where running servers do. A container's server is followed through its own mounts.
#include <set>

#include "checks/engine/table.h"
#include "checks/tables/database_processes.h"
#include "checks/tables/database_search.h"
#include "checks/tables/path_reach.h"
#include "checks/tables/storage_mounts.h"
#include "checks/tables/storage_walk.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

using Cover = StorageState::Cover;

// Debian's and Fedora's packages.
constexpr const char* kKnownPlaces[] = {"/var/lib/postgresql", "/var/lib/pgsql", "/var/lib/mysql",
                                        "/var/lib/mongodb",    "/var/lib/mongo", "/var/lib/redis",
                                        "/var/lib/valkey",     "/var/lib/keydb"};

Value StorageEncrypted(const StorageState& state) {
  if (state.cover == Cover::kUnknown || state.cover == Cover::kMemory) return {};
  return int64_t{state.cover == Cover::kEncrypted && !HidesNothing(state)};
}

class DatabaseRows {
 public:
  DatabaseRows(Env& env, const TableContext& context, RowSink& sink)
      : env_(env), context_(context), sink_(sink), search_(env, sink) {}

  absl::Status Run() {
    const auto mounts = ReadStorageMounts(env_);
    if (!mounts.ok()) sink_.Incomplete(std::string(mounts.status().message()));
    const std::vector<MountEntry> none;
    StorageWalk walk(env_, mounts.ok() ? mounts->info.entries : none);
    for (const DeclaredPath& data : context_.declared.data_paths) {
      search_.Look(data.path, "data_path");
    }
    for (const char* place : kKnownPlaces) search_.Look(place, "known_place");
    AddServers();
    for (const auto& [path, found] : search_.found()) {
      if (!Add(path, found, walk)) return absl::OkStatus();
    }
    for (const std::string& problem : walk.problems()) sink_.Incomplete(problem);
    for (const DatabaseProcess& one : contained_) {
      if (!AddContained(one)) break;
    }
    return absl::OkStatus();
  }

 private:
  void AddServers() {
    const auto servers = FindDatabaseProcesses(env_);
    if (!servers.ok()) {
      if (env_.mode() != RootMode::kDeadTree) {
        sink_.Incomplete(std::string(servers.status().message()));
      }
      return;
    }
    for (const std::string& problem : servers->problems) sink_.Incomplete(problem);
    for (const DatabaseProcess& one : servers->found) {
      if (one.own_mounts) {
        contained_.push_back(one);
      } else if (one.data_directory.empty()) {
        sink_.Incomplete("a " + one.kind + " server: " + one.error);
      } else {
        search_.Look(one.data_directory, "server");
        FoundDatabase& found = search_.found()[one.data_directory];
        if (found.kind.empty()) {
          found.kind = one.kind;
          found.source = "server";
          found.detail = "a running server's directory";
        }
        found.pid = one.pid;
      }
    }
  }

  bool Add(const std::string& path, const FoundDatabase& found, StorageWalk& walk) {
    const auto real = RealPath(env_, path);
    return AddRow(
        path, found,
        real.ok() ? walk.OfPath(*real) : UnknownState("", std::string(real.status().message())));
  }

  // Its files lie behind its own mounts; what these rest on the kernel tells.
  bool AddContained(const DatabaseProcess& one) {
    FoundDatabase found{.kind = one.kind,
                        .encrypted = std::nullopt,
                        .detail = "a server with mounts of its own",
                        .source = "server",
                        .pid = one.pid};
    const std::string folder = "/proc/" + std::to_string(one.pid.value_or(0));
    const std::string subject = "container " + one.kind + " " + one.data_directory;
    const auto text = env_.ReadFile(folder + "/mountinfo");
    if (one.data_directory.empty() || !text.ok()) {
      const std::string why = text.ok() ? one.error : std::string(text.status().message());
      return AddRow(subject, found, UnknownState("", why));
    }
    const MountInfo mounts = ParseMountInfo(*text);
    StorageWalk walk(env_, mounts.entries, true);
    const bool more = AddRow(subject, found, walk.OfPath(one.data_directory));
    for (const std::string& problem : walk.problems()) sink_.Incomplete(problem);
    return more;
  }

  bool AddRow(const std::string& path, const FoundDatabase& found, const StorageState& state) {
    const KeyStrength& strength = state.strength;
    const Value sound = !strength.weakness.empty()  ? Value(int64_t{0})
                        : strength.bits.has_value() ? Value(int64_t{1})
                                                    : Value();
    return sink_.Add({{"path", path},
                      {"kind", found.kind},
                      {"detail", TextOrNull(found.detail)},
                      {"encrypted", found.encrypted ? Value(int64_t{*found.encrypted}) : Value()},
                      {"source", found.source},
                      {"pid", found.pid ? Value(*found.pid) : Value()},
                      {"in_memory", int64_t{state.cover == Cover::kMemory}},
                      {"storage_encrypted", StorageEncrypted(state)},
                      {"storage_method", TextOrNull(state.method)},
                      {"storage_algorithm", TextOrNull(strength.algorithm)},
                      {"storage_bits", NumberOrNull(strength.bits)},
                      {"storage_least_bits", NumberOrNull(state.least_bits)},
                      {"storage_sound", sound},
                      {"storage_layer", TextOrNull(state.layer)},
                      {"provider_disk", int64_t{state.provider_disk}},
                      {"document", TextOrNull(StorageDocument(context_.declared,
                                                              {path, "/dev/" + state.layer}))},
                      {"error", TextOrNull(state.error)}});
  }

  Env& env_;
  const TableContext& context_;
  RowSink& sink_;
  DatabaseSearch search_;
  std::vector<DatabaseProcess> contained_;
};

absl::Status GenerateDatabases(Env& env, const TableContext& context, RowSink& sink) {
  return DatabaseRows(env, context, sink).Run();
}

std::vector<Touch> DatabaseFileTouches(Env& env, const Declared& declared) {
  std::vector<Touch> touches = StorageTouches(env, declared);
  Append(touches, DatabaseProcessTouches());
  for (const DeclaredPath& data : declared.data_paths) {
    Append(touches, TreeTouches(data.path, "databases below a declared data path"));
  }
  std::set<std::string> places(std::begin(kKnownPlaces), std::end(kKnownPlaces));
  if (const auto servers = FindDatabaseProcesses(env); servers.ok()) {
    for (const DatabaseProcess& one : servers->found) {
      if (!one.data_directory.empty()) places.insert(one.data_directory);
    }
  }
  for (const std::string& place : places) Append(touches, TreeTouches(place, "databases"));
  return touches;
}

std::vector<Column> Columns() {
  constexpr ColumnType kInt = ColumnType::kInteger;
  return {
      {.name = "path", .description = "File, or directory of what keeps its data in many files"},
      {.name = "kind", .description = "sqlite, postgres, mysql, mongodb, redis, dump, random …"},
      {.name = "detail", .description = "What was recognised"},
      {.name = "encrypted",
       .type = kInt,
       .description = "1: encrypts all its data itself; 0: does not; NULL: not known"},
      {.name = "source", .description = "data_path, known_place or server (a running one)"},
      {.name = "pid", .type = ColumnType::kBigint, .description = "Of the server that runs on it"},
      {.name = "in_memory", .type = kInt, .description = "1: lies in memory alone"},
      {.name = "storage_encrypted",
       .type = kInt,
       .description = "1: its storage is encrypted on every way down; 0: not; NULL: not known"},
      {.name = "storage_method", .description = "LUKS2, fscrypt …"},
      {.name = "storage_algorithm", .description = "AES-256-XTS"},
      {.name = "storage_bits", .type = kInt, .description = "Bits of the storage's key"},
      {.name = "storage_least_bits",
       .type = kInt,
       .description = "The fewest bits known of any part of the storage"},
      {.name = "storage_sound", .type = kInt, .description = "1: no weakness is known; 0: one is"},
      {.name = "storage_layer", .description = "Device that decides, below /dev"},
      {.name = "provider_disk", .type = kInt, .description = "1: a hypervisor's or cloud's disk"},
      {.name = "document", .description = "Declared document for it (configuration)"},
      {.name = "error", .description = "Why something is not known"},
  };
}

}  // namespace

Table database_files_table() {
  return {.name = "database_files",
          .description =
              "Databases on this host's disks, and whether they or their storage are "
              "encrypted",
          .columns = Columns(),
          .generate = GenerateDatabases,
          .touches = DatabaseFileTouches};
}

}  // namespace tom
