#include "checks/tables/dpkg_state.h"

#include "checks/parse/ascii_words.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kStatus[] = "/var/lib/dpkg/status";
constexpr char kPieces[] = "/var/lib/dpkg/status.d";
constexpr size_t kMaxStatus = 48 << 20;
const std::vector<std::string> kKeep = {"package",   "status",        "version",    "source",
                                        "section",   "priority",      "maintainer", "architecture",
                                        "essential", "installed-size"};

bool Take(const std::string& text, const std::string& path, RowSink& sink,
          std::vector<DebStanza>& all) {
  DebStanzas read = ParseDebStanzas(text, kKeep);
  if (read.bad_lines > 0) sink.Incomplete(path + ": lines that are no fields");
  if (read.cut) sink.Incomplete(path + ": more packages than are read");
  for (DebStanza& stanza : read.stanzas) {
    if (stanza.Field("package").empty()) {
      sink.Incomplete(path + ": line " + std::to_string(stanza.line) + " begins no package");
      continue;
    }
    all.push_back(std::move(stanza));
  }
  return !read.stanzas.empty();
}

}  // namespace

absl::StatusOr<std::vector<DebStanza>> ReadDpkgStatus(Env& env, RowSink& sink) {
  std::vector<DebStanza> all;
  const auto status = env.ReadFile(kStatus, kMaxStatus);
  const auto pieces = env.ListDirectory(kPieces);
  if (!status.ok() && !absl::IsNotFound(status.status())) return status.status();
  if (!status.ok() && !pieces.ok()) return pieces.status();
  if (status.ok() && !Take(*status, kStatus, sink, all) && !pieces.ok())
    sink.Incomplete(std::string(kStatus) + ": no package at all");
  if (!pieces.ok()) return all;
  for (const std::string& name : *pieces) {
    if (name.ends_with(".md5sums")) continue;
    const std::string path = std::string(kPieces).append("/").append(name);
    const auto text = env.ReadFile(path, 1 << 20);
    if (text.ok()) {
      Take(*text, path, sink, all);
    } else {
      sink.Incomplete(std::string(text.status().message()));
    }
    if (all.size() > kMaxDebStanzas) {
      sink.Incomplete(std::string(kPieces) + ": more packages than are read");
      break;
    }
  }
  return all;
}

std::string DpkgState(const DebStanza& package) {
  const std::vector<std::string_view> words = WordsOf(package.Field("status"));
  if (words.empty()) return "installed";
  return words.size() == 3 ? std::string(words[2]) : "";
}

std::vector<Touch> DpkgTouches() {
  return FileTouches({kStatus, kPieces, "/var/lib/dpkg/status.d/*"}, "packages of dpkg");
}

}  // namespace tom
