#include "checks/tables/database_servers.h"

#include <charconv>
#include <set>

#include "checks/parse/proc_net.h"
#include "checks/tables/sudo_view.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

constexpr int kListening = 10;  // of /proc/net/tcp
constexpr int64_t kPostgresPort = 5432;
constexpr int64_t kMysqlPort = 3306;

std::string ServerName(const DeclaredDatabase& one) {
  return one.host + ":" + std::to_string(one.port);
}

// Where Debian's packages keep their data.
constexpr const char* kMysqlData = "/var/lib/mysql/mysql";
constexpr const char* kPostgresData = "/var/lib/postgresql";

// Ports of servers of `kind` that have a socket in the file system; 0 for one of MySQL's.
std::set<int64_t> SocketsOf(const std::string& kind, const std::string& text) {
  std::set<int64_t> ports;
  for (const UnixSocket& socket : ParseUnixSockets(text)) {
    const std::string name = socket.path.substr(socket.path.rfind('/') + 1);
    if (kind == "mysql" && (name == "mysqld.sock" || name == "mysql.sock")) ports.insert(0);
    constexpr std::string_view kStart = ".s.PGSQL.";
    int64_t port = 0;
    if (kind == "postgres" && name.starts_with(kStart) &&
        std::from_chars(name.data() + kStart.size(), name.data() + name.size(), port).ec ==
            std::errc()) {
      ports.insert(port);
    }
  }
  return ports;
}

// What listens here and looks like such a server; in a dead tree, whose data lies there.
void SaySeen(Env& env, const Declared& declared, const std::string& kind, RowSink& sink) {
  std::set<int64_t> known;
  for (const DeclaredDatabase& one : declared.databases) {
    if (one.kind == kind) known.insert(one.port);
  }
  const auto say = [&](const std::string& what) {
    sink.Incomplete("a " + kind + " server " + what +
                    " and no role is declared for it (databases)");
  };
  const auto units = env.ReadFile("/proc/net/unix", 8 << 20);
  if (units.ok()) {
    for (const int64_t port : SocketsOf(kind, *units)) {
      const bool declared_one = port == 0 ? !known.empty() : known.contains(port);
      if (!declared_one) say(port == 0 ? "listens" : "listens as " + std::to_string(port));
    }
  } else if (env.mode() != RootMode::kDeadTree) {
    sink.Incomplete(std::string(units.status().message()));
  }
  const int64_t usual = kind == "postgres" ? kPostgresPort : kMysqlPort;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const auto text = env.ReadFile(path, 8 << 20);
    if (!text.ok()) continue;
    for (const InetSocket& socket : ParseInetSockets(*text).sockets) {
      if (socket.state != kListening || socket.local_port != usual || known.contains(usual)) {
        continue;
      }
      say("listens on port " + std::to_string(usual));
      break;
    }
  }
  const auto data = env.ListDirectory(kind == "postgres" ? kPostgresData : kMysqlData);
  if (absl::IsNotFound(data.status()) || !known.empty()) return;
  if (!data.ok() || !data->empty()) say("keeps data here");
}

}  // namespace

absl::StatusOr<DatabaseAnswer> AskDatabaseOf(Env& env, const DeclaredDatabase& one,
                                             const std::string& database,
                                             const std::vector<std::string>& queries) {
  DatabaseRequest request;
  request.kind =
      one.kind == "postgres" ? DatabaseRequest::Kind::kPostgres : DatabaseRequest::Kind::kMysql;
  request.host = one.host;
  request.port = one.port;
  request.user = one.user;
  request.password_file = one.password_file;
  request.database = database;
  request.server_user = one.server_user;
  request.queries = queries;
  auto answer = env.AskDatabase(request);
  if (answer.ok() && answer->size() != queries.size()) {
    return absl::InternalError("a database gave another count of answers");
  }
  return answer;
}

void AskDatabases(Env& env, const Declared& declared, const std::string& kind,
                  const std::vector<std::string>& queries, RowSink& sink,
                  const std::function<void(const DeclaredDatabase&, const std::string& server,
                                           const DatabaseAnswer&)>& take) {
  SaySeen(env, declared, kind, sink);
  for (const DeclaredDatabase& one : declared.databases) {
    if (one.kind != kind) continue;
    const std::string server = ServerName(one);
    const auto answer = AskDatabaseOf(env, one, one.database, queries);
    if (!answer.ok()) {
      sink.Incomplete(PrintableText(server + ": " + std::string(answer.status().message())));
      continue;
    }
    take(one, server, *answer);
  }
}

std::vector<Touch> DatabaseTouches(const Declared& declared, const std::string& kind) {
  std::vector<Touch> touches =
      FileTouches({"/proc/net/unix", "/proc/net/tcp", "/proc/net/tcp6", kPostgresData, kMysqlData},
                  "database servers that listen here");
  for (const DeclaredDatabase& one : declared.databases) {
    if (one.kind != kind) continue;
    const std::string purpose = "roles and rights of a declared database";
    if (!one.password_file.empty()) Append(touches, PathTouches(one.password_file, purpose));
    const std::string port = std::to_string(one.port);
    if (one.host[0] != '/') {
      const bool six = one.host.find(':') != std::string::npos;
      touches.push_back(
          {TouchKind::kAddress, (six ? "[" + one.host + "]" : one.host) + ":" + port, purpose});
    } else {
      touches.push_back({TouchKind::kSocket,
                         kind == "postgres" ? one.host + "/.s.PGSQL." + port : one.host, purpose});
    }
    Append(touches, FileTouches({"/usr/lib/**", "/lib/**", "/etc/ld.so.cache", "/etc/passwd",
                                 "/etc/nsswitch.conf", "/etc/ssl/openssl.cnf",
                                 "/usr/lib/ssl/openssl.cnf", "/etc/localtime"},
                                "read by the database's client library"));
  }
  return touches;
}

Value DatabaseFlag(const std::optional<std::string>& cell) {
  if (cell == "t" || cell == "1") return int64_t{1};
  if (cell == "f" || cell == "0") return int64_t{0};
  return {};
}

Value DatabaseNumber(const std::optional<std::string>& cell) {
  int64_t number = 0;
  if (!cell || cell->empty()) return {};
  const auto end = std::from_chars(cell->data(), cell->data() + cell->size(), number);
  if (end.ec != std::errc() || end.ptr != cell->data() + cell->size()) return {};
  return number;
}

Value DatabaseText(const std::optional<std::string>& cell) {
  if (!cell) return {};
  return PrintableText(cell->substr(0, 2000));
}

}  // namespace tom
