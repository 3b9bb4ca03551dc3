#include "checks/tables/feed_look.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "checks/parse/os_release.h"
#include "checks/tables/config_files.h"
#include "checks/tables/dpkg_state.h"
#include "checks/tables/feed_reader.h"
#include "checks/tables/row_text.h"
#include "checks/tables/touch_lists.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr const char* kRelease[] = {"/etc/os-release", "/usr/lib/os-release"};
constexpr size_t kMaxRelease = 64 << 10;
constexpr size_t kMaxKept = 1 << 20;  // of each: others remember too
constexpr char kFormat[] = "1";       // of what is kept: another one is not understood
constexpr size_t kColumns = 8;
constexpr uint32_t kOthersWrite = 02;

// A clock may differ from the one that dated the feed.
constexpr int64_t kClockSkew = kHour;

// What has files on the disk: all but removed packages.
bool IsThere(const std::string& state) {
  return !state.empty() && state != "not-installed" && state != "config-files";
}

bool IsSourceName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '+' || c == '-';
  });
}

// "NAME" or "NAME (VERSION)"; nothing where it is the package's own. False: neither.
bool TakeSource(std::string_view field, OvalPackage& package) {
  package.source = package.name;
  package.source_version = package.version;
  if (field.empty()) return true;
  const size_t blank = std::min(field.find_first_of(" \t"), field.size());
  if (!IsSourceName(field.substr(0, blank))) return false;
  package.source = field.substr(0, blank);
  field.remove_prefix(blank);
  if (field.empty()) return true;
  const size_t open = field.find_first_not_of(" \t");
  field.remove_prefix(std::min(open, field.size()));
  const bool enclosed = field.size() > 2 && field.front() == '(' && field.back() == ')' &&
                        field.find_first_of(" \t") == std::string_view::npos;
  if (enclosed) package.source_version = field.substr(1, field.size() - 2);
  return enclosed;
}

absl::Status LoadPackages(Env& env, RowSink& sink, FeedHost& host) {
  TOM_ASSIGN_OR_RETURN(const std::vector<DebStanza> packages, ReadDpkgStatus(env, sink));
  for (const DebStanza& stanza : packages) {
    if (!IsThere(DpkgState(stanza))) continue;
    OvalPackage package;
    package.name = stanza.Field("package");
    package.version = stanza.Field("version");
    package.architecture = stanza.Field("architecture");
    if (package.version.empty() || package.name == "*") {  // the row of all has that name
      sink.Incomplete(package.name + ": a package without a version, or a name that none has");
      continue;
    }
    if (!TakeSource(stanza.Field("source"), package)) {
      sink.Incomplete(package.name + ": its source is not understood");
    }
    host.oval.packages.push_back(std::move(package));
  }
  return absl::OkStatus();
}

void LoadRelease(Env& env, FeedHost& host) {
  for (const char* path : kRelease) {
    const auto text = env.ReadFile(path, kMaxRelease);
    if (!text.ok() && absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return;
    OsRelease release = ParseOsRelease(*text);
    host.system = release.fields["ID"];
    host.codename = release.fields["VERSION_CODENAME"];
    host.oval.release = ParseVersionNumbers(release.fields["VERSION_ID"]).major;
    return;
  }
}

// All that decides what a feed says, but the feed.
std::string FingerprintOf(const FeedHost& host) {
  Sha256Stream hash;
  std::string text =
      host.system + "\n" + host.codename + "\n" + std::to_string(host.oval.release.value_or(-1));
  for (const OvalPackage& one : host.oval.packages) {
    for (const std::string* field :
         {&one.name, &one.version, &one.architecture, &one.source, &one.source_version}) {
      text.append(1, '\n').append(*field);
    }
    hash.Add(text);
    text.clear();
  }
  hash.Add(text);
  return hash.Finish().Hex();
}

std::string FingerprintOf(const FeedLook& look, const FileInfo& info) {
  std::string text(kFormat);
  for (const std::string* field :
       {&look.declared.kind, &look.declared.path, &look.declared.release}) {
    text.append(1, '\n').append(*field);
  }
  for (const int64_t fact : {info.size, info.modified, info.changed,
                             static_cast<int64_t>(info.inode), static_cast<int64_t>(info.device)}) {
    text.append(1, '\n').append(std::to_string(fact));
  }
  return Sha256(text).Hex();
}

std::optional<bool> FlagOf(const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? std::nullopt : std::optional<bool>(*number != 0);
}

int64_t NumberOf(const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

// A head, a row for each package with a weakness, and a row for each of these, which names its
// package by the number of its row.
std::string KeptText(const FeedLook& look) {
  std::vector<ValueRow> rows(1);
  std::vector<ValueRow> weaknesses;
  weaknesses.reserve(look.findings.size());
  std::map<std::array<std::string_view, 5>, int64_t> numbers;
  for (const FeedFinding& one : look.findings) {
    const OvalPackage& package = one.package;
    const std::array<std::string_view, 5> key = {package.name, package.version,
                                                 package.architecture, package.source,
                                                 package.source_version};
    const auto [at, fresh] = numbers.emplace(key, static_cast<int64_t>(rows.size()));
    if (fresh) {
      rows.push_back({package.name, package.version, package.architecture, package.source,
                      package.source_version, Value(), Value(), Value()});
    }
    weaknesses.push_back({at->second, one.weakness, one.fixed, one.urgency, int64_t{one.fixable},
                          int64_t{one.by_source}, NumberOrNull(one.remote),
                          NumberOrNull(one.obsolete)});
  }
  rows[0] = {NumberOrNull(look.date),
             look.problem,
             look.doubt,
             look.release,
             look.entries,
             look.packages,
             static_cast<int64_t>(rows.size()),
             Value()};
  std::move(weaknesses.begin(), weaknesses.end(), std::back_inserter(rows));
  return RowsToText(rows);
}

bool TakeKept(std::string_view text, FeedLook& look) {
  const auto rows = RowsFromText(text, kColumns);
  if (!rows || rows->empty()) return false;
  const ValueRow& head = rows->front();
  const auto first = static_cast<size_t>(NumberOf(head[6]));
  std::vector<FeedFinding> findings;
  for (size_t i = first; i < rows->size(); ++i) {
    const ValueRow& row = (*rows)[i];
    const auto number = static_cast<size_t>(NumberOf(row[0]));
    if (number == 0 || number >= first) return false;
    const ValueRow& package = (*rows)[number];
    FeedFinding one;
    one.package = {ValueText(package[0]), ValueText(package[1]), ValueText(package[2]),
                   ValueText(package[3]), ValueText(package[4])};
    one.weakness = ValueText(row[1]);
    one.fixed = ValueText(row[2]);
    one.urgency = ValueText(row[3]);
    one.fixable = NumberOf(row[4]) != 0;
    one.by_source = NumberOf(row[5]) != 0;
    one.remote = FlagOf(row[6]);
    one.obsolete = FlagOf(row[7]);
    findings.push_back(std::move(one));
  }
  if (first == 0 || first > rows->size()) return false;
  if (const auto* date = std::get_if<int64_t>(&head[0])) look.date = *date;
  look.problem = ValueText(head[1]);
  look.doubt = ValueText(head[2]);
  look.release = ValueText(head[3]);
  look.entries = NumberOf(head[4]);
  look.packages = NumberOf(head[5]);
  look.findings = std::move(findings);
  return true;
}

void ReadOrRecall(Env& env, const FeedHost& host, const std::string& host_print,
                  const FileInfo& info, FeedLook& look) {
  const std::string key = "vulnerability-feed " + Sha256(look.declared.path).Hex();
  const std::string print = FingerprintOf(look, info) + host_print + "\n";
  const std::string* kept = env.memory().Find(key);
  if (kept != nullptr && kept->starts_with(print) &&
      TakeKept(std::string_view(*kept).substr(print.size()), look)) {
    return;
  }
  ReadFeed(env, host, look);
  // What was being written is looked at again.
  const auto after = env.Stat(look.declared.path);
  if (!after.ok() || FingerprintOf(look, *after) != FingerprintOf(look, info)) {
    look.doubt = "changed while it was read";
    return;
  }
  if (look.passing) return;
  std::string text = print + KeptText(look);
  if (text.size() <= kMaxKept) env.memory().Keep(key, std::move(text));
}

void JudgeAge(UnixSeconds now, FeedLook& look) {
  if (!look.date) {
    look.stale = "has no date";
  } else if (*look.date > now + kClockSkew) {
    look.stale = "is dated in the future";
  } else if (now - *look.date > look.declared.max_age_seconds) {
    look.stale = "is stale: older than it may be";
  }
}

FeedLook LookAtFeed(Env& env, const FeedHost& host, const std::string& host_print,
                    const DeclaredVulnerabilityFeed& declared) {
  FeedLook look;
  look.declared = declared;
  const auto info = env.Stat(declared.path);
  if (!info.ok()) {
    look.problem = std::string(info.status().message());
    return look;
  }
  if ((info->mode & kOthersWrite) != 0) {
    look.problem = "everybody may write it";
  } else if (info->kind != FileKind::kRegular) {
    look.problem = "is no file";
  } else {
    ReadOrRecall(env, host, host_print, *info, look);
  }
  if (!look.date) {
    look.date = info->modified;
    look.dated_by_file = true;
  }
  JudgeAge(env.Now(), look);
  return look;
}

}  // namespace

std::string FeedLook::Reason() const {
  std::string text;
  for (const std::string* one : {&problem, &stale, &doubt}) {
    if (one->empty()) continue;
    if (!text.empty()) text.append(", ");
    text.append(*one);
  }
  if (text.empty() || text.starts_with(declared.path)) return text;
  return declared.path + ": " + text;
}

absl::StatusOr<FeedLooks> LookAtFeeds(Env& env, const Declared& declared, RowSink& sink) {
  FeedLooks looks;
  if (declared.vulnerability_feeds.empty()) return looks;
  FeedHost host;
  TOM_RETURN_IF_ERROR(LoadPackages(env, sink, host));
  LoadRelease(env, host);
  looks.packages = host.oval.packages.size();
  const std::string print = FingerprintOf(host);
  for (const DeclaredVulnerabilityFeed& one : declared.vulnerability_feeds) {
    looks.feeds.push_back(LookAtFeed(env, host, print, one));
  }
  return looks;
}

std::vector<Touch> FeedTouches(const Declared& declared) {
  if (declared.vulnerability_feeds.empty()) return {};
  std::vector<Touch> touches = DpkgTouches();
  Append(touches, FileTouches({kRelease[0], kRelease[1]}, "release that a feed must be of"));
  for (const DeclaredVulnerabilityFeed& one : declared.vulnerability_feeds) {
    touches.push_back({TouchKind::kFile, one.path, "feed of weaknesses"});
  }
  return touches;
}

}  // namespace tom
