#include "checks/tables/database_processes.h"

#include <algorithm>
#include <map>

#include "checks/parse/proc_net.h"
#include "checks/parse/proc_process.h"
#include "checks/tables/socket_owners.h"
#include "checks/tables/touch_lists.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxProcesses = 50000;
constexpr size_t kMaxFound = 500;
constexpr int kListening = 10;  // of /proc/net/tcp

struct Program {
  std::string_view name;
  const char* kind;
  std::string_view option;  // that names the data's directory
};

// Each works from its data's directory, but for mongod.
constexpr Program kPrograms[] = {
    {"postgres", "postgres", "-D"},      {"postmaster", "postgres", "-D"},
    {"mysqld", "mysql", "--datadir"},    {"mariadbd", "mysql", "--datadir"},
    {"mongod", "mongodb", "--dbpath"},   {"redis-server", "redis", "--dir"},
    {"valkey-server", "redis", "--dir"}, {"keydb-server", "redis", "--dir"},
};

struct Port {
  int64_t port;
  const char* kind;
};
constexpr Port kPorts[] = {
    {5432, "postgres"}, {3306, "mysql"}, {27017, "mongodb"}, {6379, "redis"}};

const Program* ProgramOf(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPrograms), std::end(kPrograms),
                                   [&](const Program& one) { return one.name == name; });
  return found == std::end(kPrograms) ? nullptr : found;
}

std::string LastName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::string> Arguments(const std::string& cmdline) {
  std::vector<std::string> arguments;
  for (size_t at = 0; at < cmdline.size() && arguments.size() < 200;) {
    const size_t end = std::min(cmdline.find('\0', at), cmdline.size());
    arguments.push_back(cmdline.substr(at, end - at));
    at = end + 1;
  }
  return arguments;
}

// "-D DIR", "--datadir=DIR"; empty where it is not given.
std::string Given(const std::vector<std::string>& arguments, std::string_view option) {
  for (size_t i = 1; i < arguments.size(); ++i) {
    const std::string& one = arguments[i];
    if (one == option && i + 1 < arguments.size()) return arguments[i + 1];
    if (one.size() > option.size() + 1 && one.compare(0, option.size(), option) == 0 &&
        one[option.size()] == '=') {
      return one.substr(option.size() + 1);
    }
  }
  return "";
}

class Search {
 public:
  explicit Search(Env& env) : env_(env) {}

  absl::StatusOr<DatabaseProcesses> Run() {
    TOM_ASSIGN_OR_RETURN(std::vector<int64_t> pids, ListProcesses(env_));
    if (env_.mode() != RootMode::kDeadTree && (pids.empty() || pids.front() != 1)) {
      result_.problems.emplace_back("/proc hides processes");
    }
    if (pids.size() > kMaxProcesses) {
      result_.problems.emplace_back("more than 50,000 processes");
      pids.resize(kMaxProcesses);
    }
    if (const auto first = env_.ReadLink("/proc/1/ns/mnt"); first.ok()) mounts_ = *first;
    for (const int64_t pid : pids) Look(pid);
    for (const auto& [pid, candidate] : candidates_) Add(pid, candidate);
    AddSockets();
    return std::move(result_);
  }

 private:
  struct Candidate {
    const Program* program = nullptr;
    int64_t parent = 0;
    std::string path;
  };

  void Look(int64_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    const auto text = env_.ReadFile(folder + "/stat", 64 << 10);
    const auto stat = text.ok() ? ParseProcStat(*text) : std::nullopt;
    if (!stat) return;  // ended while it was looked at
    const auto exe = env_.ReadLink(folder + "/exe");
    std::string path = exe.ok() && IsUtf8(*exe) ? *exe : "";
    constexpr std::string_view kDeleted = " (deleted)";
    if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
    const Program* program = ProgramOf(LastName(path));
    if (program == nullptr) program = ProgramOf(stat->name);
    if (program == nullptr || stat->state == 'Z') return;
    candidates_[pid] = {program, stat->parent, path};
  }

  // A worker is a child of its server's.
  bool IsWorker(const Candidate& candidate) const {
    const auto parent = candidates_.find(candidate.parent);
    return parent != candidates_.end() && parent->second.program->kind == candidate.program->kind;
  }

  void Add(int64_t pid, const Candidate& candidate) {
    if (IsWorker(candidate)) return;
    if (result_.found.size() == kMaxFound) {
      result_.problems.emplace_back("more than 500 database servers");
      return;
    }
    if (result_.found.size() > kMaxFound) return;
    DatabaseProcess one;
    one.kind = candidate.program->kind;
    one.source = "process";
    one.pid = pid;
    one.program = candidate.path;
    const std::string folder = "/proc/" + std::to_string(pid);
    const auto own = env_.ReadLink(folder + "/ns/mnt");
    one.own_mounts = own.ok() && !mounts_.empty() && *own != mounts_;
    FindDirectory(folder, *candidate.program, one);
    result_.found.push_back(std::move(one));
  }

  // What the command line says, else where it works.
  void FindDirectory(const std::string& folder, const Program& program, DatabaseProcess& one) {
    const auto cmdline = env_.ReadFile(folder + "/cmdline", 256 << 10);
    const auto cwd = env_.ReadLink(folder + "/cwd");
    const bool works_there = one.kind != "mongodb";
    if (works_there && cwd.ok() && cwd->size() > 1) {
      one.data_directory = *cwd;
    } else if (cmdline.ok()) {
      one.data_directory = Given(Arguments(*cmdline), program.option);
    }
    if (one.data_directory.empty() && one.kind == "mongodb") FromMongoConfig(one, cmdline);
    const bool sane = !one.data_directory.empty() && one.data_directory[0] == '/' &&
                      one.data_directory.size() <= 4096 && IsUtf8(one.data_directory);
    if (sane) return;
    one.data_directory.clear();
    one.error = cwd.ok() ? "its data's directory is not told" : std::string(cwd.status().message());
  }

  // storage.dbPath of its configuration: the one key with that name (MongoDB manual, "Configuration
  // File Options").
  void FromMongoConfig(DatabaseProcess& one, const absl::StatusOr<std::string>& cmdline) {
    if (one.own_mounts) return;
    std::string file = "/etc/mongod.conf";
    if (cmdline.ok()) {
      for (const char* option : {"--config", "-f"}) {
        const std::string given = Given(Arguments(*cmdline), option);
        if (!given.empty()) file = given;
      }
    }
    // What a process names is not read for that alone.
    if (file[0] != '/' || LastName(file) != "mongod.conf") return;
    const auto text = env_.ReadFile(file, 1 << 20);
    if (!text.ok()) return;
    constexpr std::string_view kKey = "dbPath:";
    for (size_t at = 0; at < text->size();) {
      const size_t end = std::min(text->find('\n', at), text->size());
      std::string line = text->substr(at, end - at);
      at = end + 1;
      const size_t first = line.find_first_not_of(" \t");
      if (first == std::string::npos || line.compare(first, kKey.size(), kKey) != 0) continue;
      line.erase(0, line.find_first_not_of(" \t\"'", first + kKey.size()));
      one.data_directory = line.substr(0, line.find_first_of(" \t\r\"'#"));
    }
  }

  bool Known(const std::string& kind) const {
    return std::any_of(result_.found.begin(), result_.found.end(),
                       [&](const DatabaseProcess& one) { return one.kind == kind; });
  }

  void AddSocket(const std::string& kind, const std::string& place) {
    if (Known(kind)) return;
    DatabaseProcess one;
    one.kind = kind;
    one.source = "socket";
    one.listens = place;
    one.error = "listens, but its process is not seen";
    result_.found.push_back(std::move(one));
  }

  // Where a server listens whose process hides behind another name or another user.
  void AddSockets() {
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      const auto text = env_.ReadFile(path, 48 << 20);
      if (!text.ok()) {
        if (!absl::IsNotFound(text.status())) {
          result_.problems.emplace_back(text.status().message());
        }
        continue;
      }
      for (const InetSocket& socket : ParseInetSockets(*text).sockets) {
        for (const Port& port : kPorts) {
          if (socket.state == kListening && socket.local_port == port.port) {
            AddSocket(port.kind, "port " + std::to_string(port.port));
          }
        }
      }
    }
    const auto text = env_.ReadFile("/proc/net/unix", 48 << 20);
    if (!text.ok()) return;
    for (const UnixSocket& socket : ParseUnixSockets(*text)) {
      const std::string name = LastName(socket.path);
      if (!socket.listening || !IsUtf8(socket.path)) continue;
      if (name.compare(0, 9, ".s.PGSQL.") == 0) AddSocket("postgres", socket.path);
      if (name == "mysqld.sock" || name == "mysql.sock") AddSocket("mysql", socket.path);
      if (name.compare(0, 8, "mongodb-") == 0) AddSocket("mongodb", socket.path);
      if (name.compare(0, 5, "redis") == 0) AddSocket("redis", socket.path);
    }
  }

  Env& env_;
  std::string mounts_;
  std::map<int64_t, Candidate> candidates_;
  DatabaseProcesses result_;
};

}  // namespace

absl::StatusOr<DatabaseProcesses> FindDatabaseProcesses(Env& env) { return Search(env).Run(); }

std::vector<Touch> DatabaseProcessTouches() {
  std::vector<Touch> touches = ProcessTouches();
  Append(touches, FileTouches({"/proc/*/cwd", "/proc/*/ns/mnt", "/proc/net/tcp", "/proc/net/tcp6",
                               "/proc/net/unix", "/proc/*/mountinfo", "/**/mongod.conf"},
                              "database servers that run here"));
  return touches;
}

}  // namespace tom
