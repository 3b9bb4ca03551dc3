// Options of SSH clients (ssh_config(5)): the system's file with its parts, and the accounts' own.
// Each option stands in the block it belongs to; which blocks match is a matter of each call.
#include <algorithm>
#include <cctype>

#include "checks/engine/table.h"
#include "checks/tables/account_files.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr char kSystem[] = "/etc/ssh/ssh_config";
constexpr char kParts[] = "/etc/ssh/ssh_config.d/*.conf";

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Keyword and the rest: parted by blanks or one "=" (readconf.c).
bool SplitLine(std::string line, std::string& keyword, std::string& rest) {
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string::npos || line[first] == '#') return false;
  const size_t end = std::min(line.find_first_of(" \t=", first), line.size());
  keyword = Lower(line.substr(first, end - first));
  const size_t value = line.find_first_not_of(" \t=", end);
  rest = value == std::string::npos ? "" : line.substr(value);
  while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.back())) != 0)
    rest.pop_back();
  return true;
}

bool AddFile(int64_t uid, const std::string& path, const std::string& text, RowSink& sink) {
  std::string block;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string keyword, rest;
    const bool option = SplitLine(text.substr(start, end - start), keyword, rest);
    start = end + 1;
    if (!option) continue;
    if (keyword == "host" || keyword == "match") {
      block = keyword;
      block.append(" ").append(rest);
      continue;
    }
    std::string said = keyword;
    said.append(" ").append(rest);
    const bool more = sink.Add({{"uid", uid < 0 ? Value() : Value(uid)},
                                {"block", block},
                                {"option", said},
                                {"ssh_config_file", path}});
    if (!more) return false;
  }
  return true;
}

bool ReadOne(Env& env, int64_t uid, const std::string& path, RowSink& sink) {
  const auto text = env.ReadFile(path, kMaxBytes);
  if (absl::IsNotFound(text.status())) return true;
  if (!text.ok() || text->find('\0') != std::string::npos) {
    sink.Incomplete(text.ok() ? path + ": holds NUL bytes" : std::string(text.status().message()));
    return true;
  }
  return AddFile(uid, path, *text, sink);
}

absl::Status GenerateConfigs(Env& env, const TableContext&, RowSink& sink) {
  if (!ReadOne(env, -1, kSystem, sink)) return absl::OkStatus();
  const GlobResult parts = ExpandGlob(env, kParts);
  for (const std::string& problem : parts.problems) sink.Incomplete(problem);
  for (const std::string& path : parts.paths) {
    if (!ReadOne(env, -1, path, sink)) return absl::OkStatus();
  }
  TOM_ASSIGN_OR_RETURN(const PasswdFile accounts, ReadPasswd(env, sink));
  SayOtherSources(env, sink, "passwd");
  for (const PasswdEntry& entry : accounts.entries) {
    if (entry.directory.empty() || entry.directory[0] != '/') continue;
    if (!ReadOne(env, entry.uid, BelowHome(entry.directory, ".ssh/config"), sink))
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

Table ssh_configs_table() {
  return {.name = "ssh_configs",
          .description = "Options of SSH clients by file and block",
          .columns = {{.name = "uid",
                       .type = ColumnType::kBigint,
                       .description = "Account whose file it is; NULL: the system's"},
                      {.name = "block",
                       .description = "The Host or Match line that it stands under; empty: none",
                       .personal = "ssh_block"},
                      {.name = "option",
                       .description = "Keyword in lower case, and its arguments",
                       .personal = "ssh_option"},
                      {.name = "ssh_config_file", .description = "File", .personal = "user_path"}},
          .generate = GenerateConfigs,
          .touches = [](Env& env, const Declared&) {
            std::vector<Touch> touches = AccountTouches();
            Append(touches, PathTouches(kSystem, "options of SSH clients"));
            Append(touches, GlobTouches(kParts, "options of SSH clients"));
            const auto passwd = env.ReadFile("/etc/passwd");
            if (!passwd.ok()) return touches;
            for (const PasswdEntry& entry : ParsePasswd(*passwd).entries)
              touches.push_back({TouchKind::kFile, BelowHome(entry.directory, ".ssh/config"),
                                 "options of SSH clients"});
            return touches;
          }};
}

}  // namespace tom
