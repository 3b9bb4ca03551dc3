#include "checks/tables/apt_state.h"

#include <algorithm>

#include "absl/time/time.h"
#include "checks/parse/ascii_words.h"
#include "checks/parse/deb_control.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxRelease = 8 << 20;

// Names that apt takes from its folders (apt.conf(5)): letters, digits, `_`, `-`, `.`, and an end
// of the folder's own.
bool Taken(const std::string& name, const std::vector<std::string>& ends) {
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.') return false;
  }
  if (name.empty() || name[0] == '.') return false;
  const size_t dot = name.rfind('.');
  const std::string end = dot == std::string::npos ? "" : name.substr(dot + 1);
  return std::find(ends.begin(), ends.end(), end) != ends.end();
}

std::vector<std::string> FolderFiles(ConfigFiles& files, const std::string& folder,
                                     const std::vector<std::string>& ends) {
  std::vector<std::string> paths;
  const auto names = files.env().ListDirectory(folder);
  if (!names.ok() && !absl::IsNotFound(names.status())) files.Problem(names.status());
  if (!names.ok()) return paths;
  for (const std::string& name : *names) {
    if (!Taken(name, ends)) continue;
    std::string path = std::string(folder).append("/").append(name);
    if (!files.IsDirectory(path)) paths.push_back(std::move(path));
  }
  return paths;
}

std::optional<std::string> ReadOrSay(ConfigFiles& files, const std::string& path, bool optional) {
  auto text = files.Read(path);
  if (text.ok()) return *std::move(text);
  if (!optional || !absl::IsNotFound(text.status())) files.Problem(text.status());
  return std::nullopt;
}

void TakeSources(ConfigFiles& files, const std::string& path, AptSources read,
                 std::vector<AptRepository>& all) {
  for (const std::string& problem : read.problems) files.Problem(path + " " + problem);
  for (AptSource& source : read.sources) {
    AptRepository repository;
    repository.source = std::move(source);
    repository.file = path;
    all.push_back(std::move(repository));
  }
}

std::optional<UnixSeconds> Date(const DebStanza& stanza, std::string_view name) {
  return ParseReleaseDate(stanza.Field(name));
}

void ReadRelease(ConfigFiles& files, const std::string& path, AptRelease& release) {
  const auto text = files.env().ReadFile(path, kMaxRelease);
  if (!text.ok()) return files.Problem(text.status());
  const DebStanzas read = ParseDebStanzas(*text, {"origin", "label", "suite", "codename", "version",
                                                  "date", "valid-until", "notautomatic"});
  if (read.stanzas.empty()) return files.Problem(path + ": no release");
  const DebStanza& stanza = read.stanzas[0];
  release.found = true;
  release.origin = stanza.Field("origin");
  release.label = stanza.Field("label");
  release.suite = stanza.Field("suite");
  release.codename = stanza.Field("codename");
  release.version = stanza.Field("version");
  release.not_automatic = EqualsNoCase(stanza.Field("notautomatic"), "yes");
  release.date = Date(stanza, "date");
  release.valid_until = Date(stanza, "valid-until");
}

// Debian's, Ubuntu's and their children's suites of security updates.
bool IsSecurity(const AptRelease& release) {
  if (!release.found) return false;
  const auto ends = [](const std::string& name) { return name.ends_with("-security"); };
  return EqualsNoCase(release.label, "Debian-Security") || ends(release.suite) ||
         ends(release.codename);
}

class Lists {
 public:
  explicit Lists(ConfigFiles& files) : files_(files) {
    auto names = files.env().ListDirectory(kAptLists);
    if (names.ok()) {
      names_ = *std::move(names);
    } else {
      files.Problem(names.status());
    }
  }

  void Complete(AptRepository& repository) {
    const std::string prefix = AptListPrefix(repository.source);
    AptRelease& release = repository.release;
    if (Has(prefix + "InRelease")) {
      release.has_signature = true;
      ReadRelease(files_, Path(prefix + "InRelease"), release);
    } else if (Has(prefix + "Release")) {
      release.has_signature = Has(prefix + "Release.gpg");
      ReadRelease(files_, Path(prefix + "Release"), release);
    }
    repository.security = IsSecurity(release);
    if (repository.source.type != "deb") return;
    for (const std::string& component : repository.source.components) {
      FindLists(repository, prefix + component + "_binary-");
    }
    if (repository.source.components.empty()) FindLists(repository, prefix);
  }

 private:
  bool Has(const std::string& name) const {
    return std::binary_search(names_.begin(), names_.end(), name);
  }
  static std::string Path(const std::string& name) {
    return std::string(kAptLists).append("/").append(name);
  }

  void FindLists(AptRepository& repository, const std::string& prefix) {
    bool found = false;
    for (auto at = std::lower_bound(names_.begin(), names_.end(), prefix);
         at != names_.end() && at->starts_with(prefix); ++at) {
      const size_t packages = at->find("Packages", prefix.size());
      if (packages == std::string::npos) continue;
      const std::string end = at->substr(packages + 8);
      const bool known =
          end.empty() || end == ".gz" || end == ".lz4" || end == ".xz" || end == ".zst";
      if (!known) files_.Problem(Path(*at) + ": packed in a way that is not read");
      found = true;
      if (known) repository.lists.push_back(Path(*at));
    }
    if (!found) repository.lists_missing = true;
  }

  ConfigFiles& files_;
  std::vector<std::string> names_;
};

}  // namespace

std::optional<UnixSeconds> ParseReleaseDate(std::string_view text) {
  absl::Time time;
  std::string error;
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S UTC", "%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S %z"}) {
    if (absl::ParseTime(format, ToAbsl(text), &time, &error)) return absl::ToUnixSeconds(time);
  }
  return std::nullopt;
}

std::vector<AptRepository> LoadAptRepositories(ConfigFiles& files) {
  std::vector<AptRepository> all;
  const std::string main = "/etc/apt/sources.list";
  if (const auto text = ReadOrSay(files, main, true))
    TakeSources(files, main, ParseAptSourcesList(*text), all);
  for (const std::string& path :
       FolderFiles(files, "/etc/apt/sources.list.d", {"list", "sources"})) {
    const auto text = ReadOrSay(files, path, false);
    if (!text) continue;
    const bool lines = path.ends_with(".list");
    TakeSources(files, path, lines ? ParseAptSourcesList(*text) : ParseAptSourcesDeb822(*text),
                all);
  }
  if (all.empty()) return all;
  Lists lists(files);
  for (AptRepository& repository : all) lists.Complete(repository);
  return all;
}

AptConfig LoadAptConfig(ConfigFiles& files) {
  AptConfig config;
  std::vector<std::string> paths = FolderFiles(files, "/etc/apt/apt.conf.d", {"", "conf"});
  paths.emplace_back("/etc/apt/apt.conf");
  for (const std::string& path : paths) {
    const auto text = ReadOrSay(files, path, path == paths.back());
    if (!text) continue;
    const absl::Status read = config.Read(*text);
    if (!read.ok()) files.Problem(Annotate(read, path));
  }
  return config;
}

std::vector<Touch> AptTouches() {
  return FileTouches({"/etc/apt/sources.list", "/etc/apt/sources.list.d",
                      "/etc/apt/sources.list.d/*", "/etc/apt/apt.conf", "/etc/apt/apt.conf.d",
                      "/etc/apt/apt.conf.d/*", kAptLists, "/var/lib/apt/lists/*"},
                     "sources of packages and what apt fetched of them");
}

}  // namespace tom
