// What servers are configured to speak, beside what tls_endpoints measures: nginx, Apache's httpd,
// HAProxy, PostgreSQL, MySQL and MariaDB, Postfix, Dovecot, and openssl.cnf. The files are read
// with their own includes; no server is run.
#include "checks/engine/table.h"
#include "checks/tables/path_recorder.h"
#include "checks/tables/server_config.h"

namespace tom {
namespace {

Value RankOf(const std::optional<TlsVersion>& version) {
  return version ? Value(int64_t{TlsRank(*version)}) : Value();
}

Value NameOf(const std::optional<TlsVersion>& version) {
  return version ? Value(std::string(TlsVersionName(*version))) : Value();
}

// Empty: none; NULL: not told.
Value WeakOf(const ServerConfigRow& row) {
  if (!row.weak) return Value();
  std::string text;
  for (const std::string& one : row.weak->weak) text.append(text.empty() ? "" : " ").append(one);
  return text.empty() && !row.weak->sure ? Value() : Value(text);
}

bool AddRow(RowSink& sink, const ServerConfigRow& row) {
  return sink.Add({{"server", row.server},
                   {"file", row.file},
                   {"line", row.line > 0 ? Value(int64_t{row.line}) : Value()},
                   {"context", row.context},
                   {"listener", TextOrNull(row.listener)},
                   {"tls", NumberOrNull(row.tls)},
                   {"protocols", TextOrNull(row.protocols)},
                   {"minimum_version", NameOf(row.minimum)},
                   {"minimum_rank", RankOf(row.minimum)},
                   {"least_version", NameOf(row.least)},
                   {"is_default", int64_t{row.is_default}},
                   {"ciphers", row.ciphers ? Value(*row.ciphers) : Value()},
                   {"weak_ciphers", WeakOf(row)},
                   {"plaintext_allowed", NumberOrNull(row.plaintext)},
                   {"plaintext_reason", TextOrNull(row.plaintext_reason)},
                   {"network", NumberOrNull(row.network)},
                   {"problem", TextOrNull(row.problem)}});
}

using Reader = void (*)(Env&, ServerConfigs&);
constexpr Reader kReaders[] = {ReadNginxConfigs,    ReadApacheConfigs, ReadHaproxyConfigs,
                               ReadPostgresConfigs, ReadMysqlConfigs,  ReadPostfixConfigs,
                               ReadDovecotConfigs,  ReadOpensslConfigs};

absl::Status GenerateTlsServerConfigs(Env& env, const TableContext&, RowSink& sink) {
  for (const Reader read : kReaders) {
    ServerConfigs configs;
    read(env, configs);
    for (const std::string& problem : configs.problems) sink.Incomplete(problem);
    for (const ServerConfigRow& row : configs.rows) {
      if (!AddRow(sink, row)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

// What is there now leads to what else is read, so it is read once.
std::vector<Touch> TouchesOf(Env& env, const Declared&) {
  PathRecorder recorder(env);
  for (const Reader read : kReaders) {
    ServerConfigs configs;
    read(recorder, configs);
  }
  std::vector<Touch> touches;
  touches.reserve(recorder.paths().size());
  for (const std::string& path : recorder.paths()) {
    touches.push_back({TouchKind::kFile, path, "configurations of servers"});
  }
  return touches;
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Column Number(std::string name, std::string description) {
  return {
      .name = std::move(name), .type = ColumnType::kInteger, .description = std::move(description)};
}

std::vector<Column> Columns() {
  return {
      Text("server", "nginx, apache, haproxy, postgres, mysql, postfix, dovecot or openssl"),
      Text("file", "Where it is set"),
      Number("line", "Line in that file; NULL: not one line"),
      Text("context", "Virtual host, section, service or cluster"),
      Text("listener", "Addresses and ports as written"),
      Number("tls", "1: TLS is on; 0: off; NULL: not told"),
      Text("protocols", "What sets the versions, as written; NULL: nothing does"),
      Text("minimum_version", "Oldest version let in; NULL: not told"),
      Number("minimum_rank", "tls_rank of it"),
      Text("least_version", "Oldest version that may be let in, where conditions decide"),
      Number("is_default", "1: nothing sets the versions, so the server's own default holds"),
      Text("ciphers", "Suites as written; NULL: not set"),
      Text("weak_ciphers",
           "Weak kinds that `ciphers` names and does not exclude: NULL aNULL EXPORT RC4 RC2 DES "
           "3DES IDEA MD5 SECLEVEL=0; empty: none; NULL: not told"),
      Number("plaintext_allowed",
             "1: clients may stay without TLS; 0: they may not; NULL: not told"),
      Text("plaintext_reason", "What allows it"),
      Number("network", "1: listens for other machines, as configured; 0: for this host alone"),
      Text("problem", "Why something is not told")};
}

}  // namespace

Table tls_server_configs_table() {
  return {.name = "tls_server_configs",
          .description = "What servers' configurations let in: TLS versions, suites, plain text",
          .columns = Columns(),
          .generate = GenerateTlsServerConfigs,
          .touches = TouchesOf};
}

}  // namespace tom
