// openssl.cnf: what it sets for every program that lets it, by openssl_conf -> ssl_conf ->
// system_default (server_config.h; SSL_CONF_cmd(3), config(5)).
#include <algorithm>
#include <map>

#include "checks/parse/ascii_words.h"
#include "checks/parse/openssl_config.h"
#include "checks/tables/config_files.h"
#include "checks/tables/server_config.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kMainFiles[] = {"/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf",
                                      "/usr/local/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf"};

struct Entry {
  OpensslLine line;
  std::string file;
};

class Sections {
 public:
  explicit Sections(ConfigFiles& files) : files_(files) {}

  absl::Status Read(const std::string& path) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      return BadData(path + ": includes itself");
    }
    if (open_.size() >= ConfigFiles::kMaxDepth) {
      return BadData(path + ": included deeper than 16 files");
    }
    TOM_ASSIGN_OR_RETURN(const std::string text, files_.Read(path));
    TOM_ASSIGN_OR_RETURN(const std::vector<OpensslLine> lines, ParseOpensslConfig(text, path));
    open_.push_back(path);
    for (const OpensslLine& line : lines) Take(line, path);
    open_.pop_back();
    return absl::OkStatus();
  }

  // Of the section in their order.
  std::vector<Entry> Of(const std::string& section) const {
    std::vector<Entry> found;
    for (const Entry& entry : entries_) {
      if (entry.line.section == section) found.push_back(entry);
    }
    return found;
  }

  std::string Last(const std::string& section, const std::string& name) const {
    std::string value;
    for (const Entry& entry : entries_) {
      if (entry.line.section == section && entry.line.name == name) value = entry.line.value;
    }
    return value;
  }

 private:
  void Take(const OpensslLine& line, const std::string& path) {
    if (line.name == ".pragma") {
      if (line.value.find("includedir") != std::string::npos) {
        files_.Problem(path + ": .pragma includedir is not followed");
      }
      return;
    }
    if (line.name != ".include") {
      entries_.push_back({line, path});
      return;
    }
    if (line.value.empty() || line.value[0] != '/') {
      return files_.Problem(path + ": .include of a path that is not absolute");
    }
    if (!files_.IsDirectory(line.value)) {
      const absl::Status status = Read(line.value);
      if (!status.ok() && !absl::IsNotFound(status)) files_.Problem(status);
      return;
    }
    const auto names = files_.env().ListDirectory(line.value);
    if (!names.ok()) return files_.Problem(names.status());
    for (const std::string& name : *names) {
      if (!name.ends_with(".cnf") && !name.ends_with(".conf")) continue;
      const absl::Status status = Read(line.value + "/" + name);
      if (!status.ok()) files_.Problem(status);
      if (status.code() == absl::StatusCode::kResourceExhausted) return;
    }
  }

  ConfigFiles& files_;
  std::vector<std::string> open_;
  std::vector<Entry> entries_;
};

// Without what stands up to its first point: "1.Options" is Options.
std::string CommandOf(const std::string& name) {
  const size_t point = name.find('.');
  return point == std::string::npos ? name : name.substr(point + 1);
}

class Commands {
 public:
  explicit Commands(ServerConfigRow& row) : row_(row) {}

  void Take(const Entry& entry) {
    const std::string command = CommandOf(entry.line.name);
    const std::string& value = entry.line.value;
    if (value.find('$') != std::string::npos) return AddProblem(row_, "a variable is not followed");
    if (EqualsNoCase(command, "MinProtocol")) {
      if (StartsNoCase(value, "DTLS")) return;
      SetMinimum(value, entry);
    } else if (EqualsNoCase(command, "Protocol")) {
      Write(command + " " + value, entry);
      allowed_ = OpensslVersions(value);
      if (!allowed_) AddProblem(row_, "Protocol is not understood: " + value.substr(0, 100));
    } else if (EqualsNoCase(command, "CipherString")) {
      SetCiphers(row_, value);
    }
  }

  void Finish() {
    row_.is_default = !minimum_ && !allowed_;
    if (!row_.problem.empty() || row_.is_default) return;
    auto oldest = minimum_;
    if (allowed_ && !allowed_->empty()) {
      oldest = std::max(minimum_.value_or(TlsVersion::kSsl3), *allowed_->begin());
    }
    row_.minimum = row_.least = oldest;
  }

 private:
  void SetMinimum(const std::string& value, const Entry& entry) {
    Write("MinProtocol " + value, entry);
    minimum_ = EqualsNoCase(value, "None") ? TlsVersion::kSsl3 : TlsVersionOf(value);
    if (!minimum_) AddProblem(row_, "MinProtocol is not understood: " + value.substr(0, 100));
  }

  void Write(const std::string& text, const Entry& entry) {
    row_.protocols.append(row_.protocols.empty() ? "" : "; ").append(text);
    row_.file = entry.file;
    row_.line = entry.line.line;
  }

  ServerConfigRow& row_;
  std::optional<TlsVersion> minimum_;
  VersionSet allowed_;
};

// The section that openssl_conf leads to; empty where it leads nowhere.
std::string SystemDefault(const Sections& sections) {
  const std::string init = sections.Last("", "openssl_conf");
  if (init.empty()) return "";
  const std::string ssl = sections.Last(init, "ssl_conf");
  return ssl.empty() ? "" : sections.Last(ssl, "system_default");
}

void ReadOne(Env& env, const std::string& path, ServerConfigs& out) {
  ConfigFiles files(env);
  Sections sections(files);
  const absl::Status read = sections.Read(path);
  if (absl::IsNotFound(read)) return;
  ServerConfigRow row;
  row.server = "openssl";
  row.file = path;
  row.context = path;
  if (!read.ok()) AddProblem(row, std::string(read.message()));
  for (const std::string& problem : files.problems()) AddProblem(row, problem);
  const std::string section = SystemDefault(sections);
  if (!section.empty()) row.context += " [" + section.substr(0, 200) + "]";
  Commands commands(row);
  for (const Entry& entry : sections.Of(section)) {
    if (!section.empty()) commands.Take(entry);
  }
  commands.Finish();
  if (!row.problem.empty()) row.weak.reset();
  out.rows.push_back(std::move(row));
}

}  // namespace

void ReadOpensslConfigs(Env& env, ServerConfigs& out) {
  ConfigFiles files(env);
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  for (const char* path : kMainFiles) {
    const auto info = env.Stat(path);
    if (info.ok()) {
      const std::pair<uint64_t, uint64_t> id = {info->device, info->inode};
      const bool again = id.second != 0 && std::find(seen.begin(), seen.end(), id) != seen.end();
      if (again) continue;
      seen.push_back(id);
    }
    ReadOne(env, path, out);
  }
}

}  // namespace tom
