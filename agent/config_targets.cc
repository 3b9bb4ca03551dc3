// The lists of the configuration: what is to be looked at.
#include <algorithm>
#include <functional>
#include <initializer_list>

#include "agent/config_reader.h"
#include "checks/parse/http_url.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

// Calls `read` with the fields of each map in the list `key`.
void EachItem(YamlFields& top, std::string_view key, const std::function<void(YamlFields&)>& read) {
  const YamlNode* list = top.Sequence(key);
  if (list == nullptr) return;
  for (const YamlNode& item : list->items) {
    YamlFields fields(item, top.file(), top.Path(key));
    read(fields);
    top.Keep(fields.Finish());
  }
}

void OneOf(YamlFields& fields, std::string_view key, const std::string& value,
           std::initializer_list<std::string_view> allowed) {
  if (!fields.ok() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  std::string names;
  for (const std::string_view name : allowed) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  fields.Fail(key, "expected one of " + names);
}

std::vector<std::string> Controllers(YamlFields& fields) {
  std::vector<std::string> controllers = fields.Texts("controllers");
  std::sort(controllers.begin(), controllers.end());
  controllers.erase(std::unique(controllers.begin(), controllers.end()), controllers.end());
  return controllers;
}

// What each kind of backup cannot do without.
void CheckBackup(YamlFields& fields, const DeclaredBackup& backup) {
  OneOf(fields, "kind", backup.kind,
        {"files", "restic", "borg", "pgbackrest", "barman", "zfs", "btrfs", "s3"});
  const bool repository = backup.kind == "restic" || backup.kind == "borg" || backup.kind == "s3";
  if (repository && backup.repository.empty()) fields.Fail("repository", "missing");
  if (repository && backup.repository.substr(0, 1) == "-") {
    fields.Fail("repository", "must not start with -");
  }
  if (backup.kind == "files" && backup.path.empty()) fields.Fail("path", "missing");
  if ((backup.kind == "pgbackrest" || backup.kind == "barman") && backup.stanza.empty()) {
    fields.Fail("stanza", "missing");
  }
  if ((backup.kind == "zfs" || backup.kind == "btrfs") && backup.repository.empty() &&
      backup.path.empty()) {
    fields.Fail("repository", "missing");
  }
  if (backup.kind != "s3") return;
  if (backup.endpoint.empty()) fields.Fail("endpoint", "missing");
  if (!backup.endpoint.empty() && !ParseHttpUrl(backup.endpoint)) {
    fields.Fail("endpoint", "expected http:// or https:// and a host");
  }
  if (backup.region.empty()) fields.Fail("region", "missing");
  if (backup.credentials_file.empty()) fields.Fail("credentials_file", "missing");
  if (!backup.repository.starts_with("s3://")) {
    fields.Fail("repository", "expected s3://BUCKET/PREFIX");
  }
}

}  // namespace

std::string PathOr(YamlFields& fields, std::string_view key) {
  std::string path = fields.TextOr(key, "");
  if (path.empty()) return path;
  if (path[0] != '/' || (path + "/").find("/../") != std::string::npos) {
    fields.Fail(key, "expected an absolute path without ..");
  }
  return path;
}

void ReadEndpoints(YamlFields& top, Declared& declared) {
  EachItem(top, "endpoints", [&](YamlFields& fields) {
    DeclaredEndpoint endpoint;
    endpoint.host = fields.Text("host");
    endpoint.port = fields.Integer("port", 1, 65535);
    endpoint.server_name = fields.TextOr("server_name", "");
    endpoint.starttls = fields.TextOr("starttls", "none");
    OneOf(fields, "starttls", endpoint.starttls,
          {"smtp", "imap", "pop3", "ldap", "postgres", "mysql", "ftp", "xmpp", "none"});
    endpoint.ca_file = PathOr(fields, "ca_file");
    endpoint.controllers = Controllers(fields);
    declared.endpoints.push_back(std::move(endpoint));
  });
}

void ReadPages(YamlFields& top, Declared& declared) {
  EachItem(top, "pages", [&](YamlFields& fields) {
    DeclaredPage page;
    page.url = fields.Text("url");
    const auto url = ParseHttpUrl(page.url);
    if (fields.ok() && !url) {
      fields.Fail("url", "expected http://HOST[:PORT]/PATH or https://…, without a user or #");
    }
    if (url) {
      page.https = url->https;
      page.host = url->host;
      page.port = url->port;
      page.path = url->path;
    }
    page.ca_file = PathOr(fields, "ca_file");
    page.browser_run = PathOr(fields, "browser_run");
    page.controllers = Controllers(fields);
    declared.pages.push_back(std::move(page));
  });
}

void ReadDataPaths(YamlFields& top, Declared& declared) {
  EachItem(top, "data_paths", [&](YamlFields& fields) {
    DeclaredPath path;
    path.path = PathOr(fields, "path");
    if (path.path.empty()) fields.Fail("path", "missing");
    path.controllers = Controllers(fields);
    declared.data_paths.push_back(std::move(path));
  });
}

void ReadBackups(YamlFields& top, Declared& declared) {
  EachItem(top, "backups", [&](YamlFields& fields) {
    DeclaredBackup backup;
    backup.name = fields.Text("name");
    backup.kind = fields.Text("kind");
    backup.repository = fields.TextOr("repository", "");
    backup.path = PathOr(fields, "path");
    backup.password_file = PathOr(fields, "password_file");
    backup.stanza = fields.TextOr("stanza", "");
    backup.info_file = PathOr(fields, "info_file");
    backup.key_file = PathOr(fields, "key_file");
    backup.check_file = PathOr(fields, "check_file");
    backup.endpoint = fields.TextOr("endpoint", "");
    backup.region = fields.TextOr("region", "");
    backup.credentials_file = PathOr(fields, "credentials_file");
    backup.ca_file = PathOr(fields, "ca_file");
    if (fields.Has("min_bytes"))
      backup.min_bytes = fields.Integer("min_bytes", 0, Json::kMaxInteger);
    if (fields.Has("max_age")) backup.max_age_seconds = fields.DurationSecondsOr("max_age", 0);
    backup.covers = fields.Texts("covers");
    CheckBackup(fields, backup);
    for (const DeclaredBackup& other : declared.backups) {
      if (other.name == backup.name) fields.Fail("name", "two backups are named " + backup.name);
    }
    declared.backups.push_back(std::move(backup));
  });
}

void ReadDocuments(YamlFields& top, Declared& declared) {
  EachItem(top, "documents", [&](YamlFields& fields) {
    declared.documents.push_back({.subject = fields.Text("subject"),
                                  .measure = fields.Text("measure"),
                                  .document = fields.Text("document")});
  });
}

void ReadConnectors(YamlFields& top, Declared& declared) {
  EachItem(top, "connectors", [&](YamlFields& fields) {
    DeclaredConnector connector;
    connector.kind = fields.Text("kind");
    OneOf(fields, "kind", connector.kind,
          {"cloudflare", "datadog", "detectify", "entra", "google", "okta", "keycloak", "github",
           "gitlab"});
    connector.token_file = PathOr(fields, "token_file");
    connector.base_url = fields.TextOr("base_url", "");
    if (const YamlNode* settings = fields.Map("settings"); settings != nullptr) {
      YamlFields texts(*settings, fields.file(), fields.Path("settings"));
      for (const auto& [name, value] : settings->entries)
        connector.settings[name] = texts.Text(name);
      fields.Keep(texts.Finish());
    }
    declared.connectors.push_back(std::move(connector));
  });
}

}  // namespace tom
