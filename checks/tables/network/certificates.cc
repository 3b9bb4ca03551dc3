// osquery's table of that name: certificates in files. Those of the system's authorities, those
// that lie in the configuration of services, and the authorities that declared endpoints name. With
// a `path` that a query asks for, that file alone, wherever it lies.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "checks/engine/table.h"
#include "checks/parse/certificate_details.h"
#include "checks/tables/env_glob.h"
#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFileBytes = 8 << 20;
constexpr size_t kMaxEntries = 5000;
constexpr int kMaxDepth = 5;

// Folders of services in which certificates lie beside the configuration.
constexpr const char* kServiceFolders[] = {
    "/etc/letsencrypt/live", "/etc/nginx",   "/etc/apache2", "/etc/httpd",      "/etc/haproxy",
    "/etc/lighttpd",         "/etc/postfix", "/etc/exim4",   "/etc/dovecot",    "/etc/ldap",
    "/etc/openldap",         "/etc/mysql",   "/etc/stunnel", "/etc/postgresql", "/etc/prosody",
    "/etc/vsftpd",           "/etc/proftpd", "/etc/pki/tls", "/etc/tom",        "/etc/ssl"};

constexpr const char* kSystemFolder = "/etc/ssl/certs";

// Names that certificates are kept under. What ends otherwise is not opened: a key is none of ours.
bool LooksLikeCertificate(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.find("key") != std::string::npos) return false;
  for (const char* extension : {".pem", ".crt", ".cer", ".cert", ".der", ".p7c"}) {
    if (name.ends_with(extension)) return true;
  }
  return false;
}

class Files {
 public:
  Files(Env& env, RowSink& sink) : env_(env), sink_(sink) {}

  void ReadFolder(const std::string& path, int depth, const char* store) {
    const auto names = env_.ListDirectory(path);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status())) {
        sink_.Incomplete(std::string(names.status().message()));
      }
      return;
    }
    for (const std::string& name : *names) {
      const std::string child = absl::StrCat(ToAbsl(path), "/", ToAbsl(name));
      if (child == kSystemFolder && std::string_view(store) != "system") continue;
      if (++entries_ > kMaxEntries) {
        if (entries_ == kMaxEntries + 1)
          sink_.Incomplete("more than 5,000 files; the rest was not read");
        return;
      }
      const auto info = env_.Stat(child);
      if (!info.ok()) continue;  // a link to nowhere holds nothing
      if (info->kind == FileKind::kDirectory && depth > 0) ReadFolder(child, depth - 1, store);
      if (info->kind == FileKind::kRegular && LooksLikeCertificate(child)) Read(child, store);
    }
  }

  void Read(const std::string& path, const char* store) {
    const auto text = env_.ReadFile(path, kMaxFileBytes);
    if (!text.ok()) {
      if (!absl::IsNotFound(text.status())) sink_.Incomplete(std::string(text.status().message()));
      return;
    }
    const CertificateFile file = ReadCertificateFile(*text);
    if (file.truncated) sink_.Incomplete(path + ": holds more than 1,000 certificates");
    for (const std::string& der : file.certificates) {
      if (const auto details = ReadCertificate(der)) Add(path, store, *details);
    }
    for (size_t i = 0; i < std::min<size_t>(file.unreadable, 1); ++i) {
      sink_.Add({{"path", path}, {"store", std::string(store)}});
    }
  }

 private:
  void Add(const std::string& path, const char* store, const CertificateDetails& one) {
    const auto time = [](const std::optional<UnixSeconds>& at) {
      return at ? Value(std::to_string(*at)) : Value();
    };
    std::string usage = one.key_usage;
    if (!one.extended_key_usage.empty()) {
      usage.append(usage.empty() ? "" : ", ").append(one.extended_key_usage);
    }
    sink_.Add(
        {{"common_name", one.common_name},
         {"subject", one.subject_line},
         {"subject2", one.subject},
         {"issuer", one.issuer_line},
         {"issuer2", one.issuer},
         {"ca", int64_t{one.ca ? 1 : 0}},
         {"self_signed", int64_t{one.self_signed ? 1 : 0}},
         {"not_valid_before", time(one.not_before)},
         {"not_valid_after", time(one.not_after)},
         {"signing_algorithm", one.signature_algorithm},
         {"key_algorithm", one.key_algorithm.empty() ? Value() : Value(one.key_algorithm)},
         {"key_strength", one.key_curve.empty() ? std::to_string(one.key_bits) : one.key_curve},
         {"key_usage", usage},
         {"subject_key_id", one.subject_key_id},
         {"authority_key_id", one.authority_key_id},
         {"sha1", one.sha1},
         {"path", path},
         {"serial", one.serial},
         {"store", std::string(store)},
         {"not_valid_after_unix", one.not_after ? Value(int64_t{*one.not_after}) : Value()}});
  }

  Env& env_;
  RowSink& sink_;
  size_t entries_ = 0;
};

absl::Status GenerateCertificates(Env& env, const TableContext& context, RowSink& sink) {
  Files files(env, sink);
  if (const std::string* path = context.EqualText("path"); path != nullptr) {
    if (!path->empty() && path->front() == '/') files.Read(*path, "asked");
    return absl::OkStatus();
  }
  files.ReadFolder(kSystemFolder, 0, "system");
  for (const char* folder : kServiceFolders) files.ReadFolder(folder, kMaxDepth, "service");
  std::vector<std::string> seen;
  for (const DeclaredEndpoint& endpoint : context.declared.endpoints) {
    if (endpoint.ca_file.empty()) continue;
    if (std::find(seen.begin(), seen.end(), endpoint.ca_file) != seen.end()) continue;
    seen.push_back(endpoint.ca_file);
    files.Read(endpoint.ca_file, "configured");
  }
  return absl::OkStatus();
}

Column Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

std::vector<Column> Columns() {
  Column path = Text("path", "File that it lies in");
  path.pushdown = true;
  return {
      Text("common_name", "Of the subject"),
      Text("subject", "As OpenSSL used to print it: /CN=a"),
      Text("subject2", "RFC 2253: CN=a"),
      Text("issuer", "As OpenSSL used to print it"),
      Text("issuer2", "RFC 2253"),
      {.name = "ca", .type = ColumnType::kInteger, .description = "1: an authority"},
      {.name = "self_signed",
       .type = ColumnType::kInteger,
       .description = "1: signed by its own key"},
      Text("not_valid_before", "Seconds since 1970"),
      Text("not_valid_after", "Seconds since 1970"),
      Text("signing_algorithm", "With which it is signed"),
      Text("key_algorithm", "Of its key; NULL: the file's block cannot be read"),
      Text("key_strength", "Size of the key, or its curve"),
      Text("key_usage", "What the key may do and what for"),
      Text("subject_key_id", "Hexadecimal"),
      Text("authority_key_id", "Hexadecimal"),
      Text("sha1", "Of the whole certificate, hexadecimal"),
      path,
      Text("serial", "Serial number, hexadecimal"),
      {.name = "store",
       .description = "system (its authorities), service (a service's configuration), configured "
                      "(a ca_file of an endpoint), asked (by the query)",
       .hidden = true},
      {.name = "not_valid_after_unix",
       .type = ColumnType::kBigint,
       .description = "not_valid_after as a number",
       .hidden = true}};
}

std::vector<Touch> CertificatesTouches(Env&, const Declared& declared) {
  std::vector<Touch> touches;
  static constexpr char kPurpose[] = "certificates on disk";
  for (const char* folder : kServiceFolders) Append(touches, TreeTouches(folder, kPurpose));
  for (const DeclaredEndpoint& endpoint : declared.endpoints) {
    if (endpoint.ca_file.empty()) continue;
    Append(touches, PathTouches(endpoint.ca_file, "authorities of a declared endpoint"));
  }
  return touches;
}

}  // namespace

Table certificates_table() {
  return {.name = "certificates",
          .description = "Certificates in files",
          .columns = Columns(),
          .generate = GenerateCertificates,
          .touches = CertificatesTouches};
}

}  // namespace tom
