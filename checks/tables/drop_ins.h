// Folders of drop-in files as systemd reads them (conf-files.c of systemd 252; sysctl.d(5),
// systemd.unit(5)): all names of all folders, a name in an earlier folder hiding the same name in a
// later one, in the order of names.
#ifndef TOM_CHECKS_TABLES_DROP_INS_H_
#define TOM_CHECKS_TABLES_DROP_INS_H_

#include <string>
#include <vector>

#include "checks/tables/config_files.h"

namespace tom {

struct DropIn {
  std::string path;
  bool masked = false;  // a link to /dev/null, an empty file, or a link to nowhere
};

// `folders` from the strongest on; what cannot be listed or examined is a problem of `files`.
std::vector<DropIn> ListDropIns(ConfigFiles& files, const std::vector<std::string>& folders,
                                const std::string& suffix);

// The name at the end of a chain of links, which need not be there ("/dev/null" in a tree without
// one). Fails as Env does, and with FailedPrecondition after 40 links.
absl::StatusOr<std::string> EndOfLinks(Env& env, const std::string& path);

// A link to /dev/null, or an empty file: nothing of it counts. What cannot be told is an error.
absl::StatusOr<bool> IsMasked(Env& env, const std::string& path);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_DROP_INS_H_
