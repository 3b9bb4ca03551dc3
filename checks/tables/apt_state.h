// What apt has on this host: sources, the lists it fetched of them, its configuration. Files alone
// are read; apt itself is never run.
#ifndef TOM_CHECKS_TABLES_APT_STATE_H_
#define TOM_CHECKS_TABLES_APT_STATE_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/engine/touch.h"
#include "checks/parse/apt_config.h"
#include "checks/parse/apt_sources.h"
#include "checks/tables/config_files.h"
#include "evidence/utc_time.h"

namespace tom {

inline constexpr char kAptLists[] = "/var/lib/apt/lists";

struct AptRelease {
  bool found = false;
  bool has_signature = false;  // InRelease, or Release with Release.gpg beside it
  std::string origin, label, suite, codename, version;
  bool not_automatic = false;
  std::optional<UnixSeconds> date;
  std::optional<UnixSeconds> valid_until;
};

struct AptRepository {
  AptSource source;
  std::string file;  // the source stands in
  AptRelease release;
  std::vector<std::string> lists;  // paths of its Packages
  bool lists_missing = false;      // of a component, or all of a flat one
  bool security = false;           // of security updates, by what its release says
};

// Everything of sources.list and sources.list.d; what could not be read or understood is a problem
// of `files`.
std::vector<AptRepository> LoadAptRepositories(ConfigFiles& files);

// apt.conf.d in order, then apt.conf.
AptConfig LoadAptConfig(ConfigFiles& files);

// "Sat, 21 Nov 2026 00:53:02 UTC", as Release files have it.
std::optional<UnixSeconds> ParseReleaseDate(std::string_view text);

std::vector<Touch> AptTouches();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_APT_STATE_H_
