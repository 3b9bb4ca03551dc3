#include "checks/tables/path_walk.h"

#include <algorithm>
#include <utility>

#include "checks/tables/touch_lists.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFiles = 100000;
constexpr int kMaxDepth = 32;
constexpr int64_t kMaxMilliseconds = 20000;

std::string Join(const std::string& directory, const std::string& name) {
  return directory + (!directory.empty() && directory.back() == '/' ? "" : "/") + name;
}

const std::string* TextOf(const TableContext& context, Constraint::Kind kind,
                          std::string_view column) {
  for (const Constraint& one : context.constraints) {
    if (one.kind == kind && one.column == column) return std::get_if<std::string>(&one.value);
  }
  return nullptr;
}

}  // namespace

PathWalk::PathWalk(Env& env, RowSink& sink, Take take, Enter enter)
    : env_(env),
      sink_(sink),
      take_(std::move(take)),
      enter_(std::move(enter)),
      end_(env.MonotonicMs() + kMaxMilliseconds) {}

absl::Status PathWalk::Run(const TableContext& context) {
  using Kind = Constraint::Kind;
  if (const std::string* path = TextOf(context, Kind::kEqual, "path")) {
    TOM_RETURN_IF_ERROR(ParsePathPattern("/" + *path).status());  // no NUL, no endless path
    if ((*path)[0] != '/') return BadData("path: " + *path + " is not absolute");
    One(*path);
  } else if (const std::string* directory = TextOf(context, Kind::kEqual, "directory")) {
    if (directory->empty() || (*directory)[0] != '/') {
      return BadData("directory: " + *directory + " is not absolute");
    }
    Children(*directory);
  } else if (const std::string* like = TextOf(context, Kind::kLike, "path")) {
    TOM_ASSIGN_OR_RETURN(const PathPattern pattern, ParsePathPattern(*like));
    Expand(pattern, 0, "",
           [&](const std::string& found) { pattern.below ? Below(found, 1) : One(found); });
  } else if (const std::string* parent = TextOf(context, Kind::kLike, "directory")) {
    TOM_ASSIGN_OR_RETURN(const PathPattern pattern, ParsePathPattern(*parent));
    if (pattern.below) return BadData("directory LIKE takes no %%: use path LIKE");
    Expand(pattern, 0, "", [&](const std::string& found) { Children(found); });
  } else if (context.constraints.empty()) {
    return BadData("name the files: WHERE path = …, path LIKE … or directory = …");
  }
  return absl::OkStatus();
}

void PathWalk::Say(const absl::Status& status) {
  if (!absl::IsNotFound(status)) sink_.Incomplete(std::string(status.message()));
}

// The file that `path` names, as the query spells it.
void PathWalk::One(const std::string& path) {
  const size_t last = path.find_last_not_of('/');
  if (last == std::string::npos) return Give({path, "", ""});
  const size_t slash = path.rfind('/', last);
  Give({path, path.substr(0, std::max<size_t>(slash, 1)), path.substr(slash + 1, last - slash)});
}

void PathWalk::Children(const std::string& directory) {
  for (const std::string& name : Names(directory)) {
    if (full_) return;
    Give({Join(directory, name), directory, name});
  }
}

// Calls `use` with each path of the pattern's names from `index` on, below `at`.
void PathWalk::Expand(const PathPattern& pattern, size_t index, const std::string& at,
                      const std::function<void(const std::string&)>& use) {
  if (full_) return;
  if (index == pattern.names.size()) return use(at.empty() ? "/" : at);
  const std::string& name = pattern.names[index];
  if (name.find('%') == std::string::npos) {
    return Expand(pattern, index + 1, Join(at, name), use);
  }
  for (const std::string& found : Names(at.empty() ? "/" : at)) {
    if (NameMatches(name, found)) Expand(pattern, index + 1, Join(at, found), use);
  }
}

void PathWalk::Below(const std::string& directory, int depth) {
  if (depth > kMaxDepth) {
    return sink_.Incomplete(directory + ": deeper than 32 directories is not read");
  }
  for (const std::string& name : Names(directory)) {
    if (full_) return;
    const std::string path = Join(directory, name);
    Give({path, directory, name});
    const auto info = env_.Lstat(path);
    if (!info.ok() || info->kind != FileKind::kDirectory) continue;
    if (!enter_ || enter_(path)) Below(path, depth + 1);
  }
}

// Counts what is looked at; false when a bound is reached, which is said once.
bool PathWalk::Within() {
  if (full_) return false;
  full_ = ++looked_ > kMaxFiles || env_.MonotonicMs() > end_;
  if (full_) {
    sink_.Incomplete(looked_ > kMaxFiles ? "more than 100,000 files" : "took longer than 20 s");
  }
  return !full_;
}

std::vector<std::string> PathWalk::Names(const std::string& directory) {
  if (!Within()) return {};
  auto names = env_.ListDirectory(directory);
  if (names.ok()) return *std::move(names);
  Say(names.status());
  return {};
}

void PathWalk::Give(const WalkedPath& found) {
  if (Within() && !take_(found)) full_ = true;
}

std::vector<Touch> WalkTouches(Env&, const Declared& declared) {
  std::vector<Touch> touches;
  for (const DeclaredPath& data : declared.data_paths) {
    Append(touches, TreeTouches(data.path, "declared data path"));
  }
  touches.push_back({TouchKind::kCapability, "CAP_DAC_READ_SEARCH", "every file's metadata"});
  return touches;
}

}  // namespace tom
