// What servers' configurations say about encryption on the way: the rows of tls_server_configs, and
// one reader a server. Each reads its server's files with all that they include, by itself: a
// server's own -T or -t writes files and loads modules.
//
// Unknown is said, never guessed: where a setting cannot be told (a condition, a variable, a file
// that cannot be read), the row's `problem` says why and the fact is empty.
#ifndef TOM_CHECKS_TABLES_SERVER_CONFIG_H_
#define TOM_CHECKS_TABLES_SERVER_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/env/env.h"
#include "checks/parse/tls_settings.h"

namespace tom {

struct ServerConfigRow {
  std::string server;  // nginx apache haproxy postgres mysql postfix dovecot openssl
  std::string file;
  int line = 0;
  std::string context;   // where in the configuration: "http/server a.example.org"
  std::string listener;  // addresses and ports as written, blank-separated
  std::optional<bool> tls;
  std::string protocols;                // as written
  std::optional<TlsVersion> minimum;    // the oldest version let in; nothing: not told
  std::optional<TlsVersion> least;      // where `minimum` is not sure: the oldest it could be
  bool is_default = false;              // nothing sets the versions
  std::optional<std::string> ciphers;   // as written; nothing: not set
  std::optional<CipherJudgement> weak;  // of `ciphers`
  std::optional<bool> plaintext;        // clients may stay without TLS
  std::string plaintext_reason;
  std::optional<bool> network;  // other machines can reach it, as configured
  std::string problem;
};

struct ServerConfigs {
  std::vector<ServerConfigRow> rows;
  std::vector<std::string> problems;  // what keeps the whole from being told
};

// Sets what `versions` tells, or the problem that they were not understood.
void SetVersions(ServerConfigRow& row, const VersionSet& versions, const std::string& written);
void SetCiphers(ServerConfigRow& row, const std::string& written);
void AddProblem(ServerConfigRow& row, const std::string& problem);

// A server that is not configured here gives no rows.
void ReadNginxConfigs(Env& env, ServerConfigs& out);
void ReadApacheConfigs(Env& env, ServerConfigs& out);
void ReadHaproxyConfigs(Env& env, ServerConfigs& out);
void ReadPostgresConfigs(Env& env, ServerConfigs& out);
void ReadMysqlConfigs(Env& env, ServerConfigs& out);
void ReadPostfixConfigs(Env& env, ServerConfigs& out);
void ReadDovecotConfigs(Env& env, ServerConfigs& out);
void ReadOpensslConfigs(Env& env, ServerConfigs& out);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SERVER_CONFIG_H_
