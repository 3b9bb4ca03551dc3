// Where a declared backup lies, who can read it there, and who can remove it.
#ifndef TOM_CHECKS_TABLES_BACKUP_PLACE_H_
#define TOM_CHECKS_TABLES_BACKUP_PLACE_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checks/engine/declared.h"
#include "checks/engine/touch.h"
#include "checks/env/env.h"
#include "checks/parse/mountinfo.h"

namespace tom {

struct BackupPlace {
  std::string place;  // path, or URL
  std::optional<bool> off_host;
  std::string filesystem;    // its type, of a path
  std::string location_why;  // why off_host is so, or is not known
  std::optional<bool> world_readable;
  std::string readable_why;
  std::optional<bool> world_writable;  // its folder: others can remove or add copies
  // By this host's own credential: its root, or the key that it is given.
  std::optional<bool> deletable;
  std::string deletable_why;
};

// What the mounted file system says of where its blocks are. Nothing: its type does not tell.
// `own`: names and addresses of this host.
std::optional<bool> IsOffHost(const MountEntry& mount, const std::set<std::string>& own,
                              std::string& why);

// Of a backup that lies in a folder: the repository, or the folder of a glob.
class BackupPlaces {
 public:
  explicit BackupPlaces(Env& env);

  // `files`: what others must not read. REQUIRES: `path` is absolute.
  BackupPlace Look(const std::string& path, const std::vector<std::string>& files);
  // The same where the files are not listed: whether others can come into the folder at all.
  BackupPlace LookAtFolder(const std::string& path);

 private:
  void AddOwnNames();
  void Locate(const std::string& path, BackupPlace& place);
  void WhoWrites(const std::string& path, BackupPlace& place);
  void WhoReads(const std::vector<std::string>& files, BackupPlace& place);

  Env& env_;
  std::vector<MountEntry> mounts_;
  std::string mounts_error_;
  std::set<std::string> own_;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_BACKUP_PLACE_H_
