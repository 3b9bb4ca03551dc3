#include "checks/tables/backup_held.h"

#include <algorithm>
#include <set>

namespace tom {

std::vector<std::string> PathsToHold(const DeclaredBackup& backup, const Declared& declared) {
  std::set<std::string> wanted;
  const auto want = [&](std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    if (path.size() > 1 && path[0] == '/') wanted.insert(std::move(path));
  };
  for (const std::string& path : backup.covers) want(path);
  for (const DeclaredPath& data : declared.data_paths) want(data.path);
  return {wanted.begin(), wanted.end()};
}

HeldPaths::HeldPaths(Env& env, std::vector<std::string> wanted)
    : env_(env), wanted_(std::move(wanted)), states_(wanted_.size()) {}

void HeldPaths::Take(const ArchiveMember& member) {
  std::string_view name = member.name;
  while (name.starts_with("./") || name.starts_with("/")) {
    name.remove_prefix(name[0] == '/' ? 1 : 2);
  }
  const bool below_here = name.size() != member.name.size() && member.name[0] == '.';
  while (name.ends_with("/")) name.remove_suffix(1);
  if (name.empty() || name == ".") {
    anywhere_ = anywhere_ || (!member.name.empty() && member.name[0] == '.');
    return;
  }
  for (size_t i = 0; i < wanted_.size(); ++i) Judge(member, name, below_here, i);
}

void HeldPaths::Judge(const ArchiveMember& member, std::string_view name, bool below_here,
                      size_t i) {
  const std::string_view path = std::string_view(wanted_[i]).substr(1);
  State& state = states_[i];
  if (name == path) {
    state.folder = state.folder || member.folder;
    state.file = state.file || (!member.folder && !member.link);
  } else if (name.size() > path.size() && name[path.size()] == '/' && name.starts_with(path)) {
    state.inside = true;
  }
  state.perhaps = state.perhaps || below_here;
  const std::string_view first = name.substr(0, name.find('/'));
  for (size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1)) {
    const std::string_view rest = path.substr(at + 1);
    if (rest.substr(0, rest.find('/')) == first) state.perhaps = true;
  }
}

bool HeldPaths::LiveIsEmpty(const std::string& path) const {
  const auto names = env_.ListDirectory(path);
  return names.ok() && names->empty();
}

std::vector<std::string> HeldPaths::HeldByWholeNames() const {
  std::vector<std::string> held;
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const State& state = states_[i];
    if (state.file || (state.folder && (state.inside || LiveIsEmpty(wanted_[i])))) {
      held.push_back(wanted_[i]);
    }
  }
  return held;
}

std::optional<std::vector<std::string>> HeldPaths::Held() const {
  std::vector<std::string> held = HeldByWholeNames();
  // Where one name was found to be whole, the others are too.
  const bool open = std::any_of(states_.begin(), states_.end(),
                                [](const State& state) { return state.perhaps || state.inside; });
  if (held.empty() && (open || anywhere_)) return std::nullopt;
  return held;
}

}  // namespace tom
