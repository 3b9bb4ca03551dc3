// sources.list(5): the one-line form and deb822. Bytes -> values, no I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_APT_SOURCES_H_
#define TOM_CHECKS_PARSE_APT_SOURCES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tom {

// One combination of kind, place and suite.
struct AptSource {
  std::string type;   // deb or deb-src
  std::string uri;    // with options of the method in it, as it stands
  std::string suite;  // ends in '/': a flat repository without components
  std::vector<std::string> components;
  std::map<std::string, std::string> options;  // lower case: arch, signed-by, trusted, …
  bool enabled = true;
  int line = 0;
};

struct AptSources {
  std::vector<AptSource> sources;
  std::vector<std::string> problems;  // "line 3: …"
  size_t bytes = 0;                   // of all sources together
};

inline constexpr size_t kMaxAptSources = 2000;

AptSources ParseAptSourcesList(std::string_view text);
AptSources ParseAptSourcesDeb822(std::string_view text);

// The start of the names of the files that apt keeps of a source below /var/lib/apt/lists:
// "deb.example.org_debian_dists_bookworm_" (URItoFileName of apt 2.6; a flat repository has no
// "dists"). Without user and password.
std::string AptListPrefix(const AptSource& source);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_APT_SOURCES_H_
