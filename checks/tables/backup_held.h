// Which of the declared paths a copy holds, by the names of its members.
#ifndef TOM_CHECKS_TABLES_BACKUP_HELD_H_
#define TOM_CHECKS_TABLES_BACKUP_HELD_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/engine/declared.h"
#include "checks/env/env.h"
#include "checks/parse/tar_walk.h"

namespace tom {

// The declared data paths and what the backup is to cover: absolute, without a slash at the end,
// sorted, each once.
std::vector<std::string> PathsToHold(const DeclaredBackup& backup, const Declared& declared);

// A path is held where a member is that file, or where one is that folder and another lies in it; a
// folder that has nothing in it only where the live one is empty too (what is in it was left out),
// and a link in its place never.
class HeldPaths {
 public:
  HeldPaths(Env& env, std::vector<std::string> wanted);

  // Names are taken from the root on, with a slash before them or without.
  void Take(const ArchiveMember& member);
  // Nothing: the names may be relative to a folder that is not told, or are those of single files.
  std::optional<std::vector<std::string>> Held() const;
  // The same where names are known to be whole.
  std::vector<std::string> HeldByWholeNames() const;

 private:
  struct State {
    bool file = false;
    bool folder = false;
    bool inside = false;   // something in the folder
    bool perhaps = false;  // a name that fits from some folder on
  };

  void Judge(const ArchiveMember& member, std::string_view name, bool below_here, size_t i);
  bool LiveIsEmpty(const std::string& path) const;

  Env& env_;
  std::vector<std::string> wanted_;
  std::vector<State> states_;
  bool anywhere_ = false;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BACKUP_HELD_H_
