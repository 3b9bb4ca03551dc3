// What unattended-upgrades takes updates from: Unattended-Upgrade::Origins-Pattern and the older
// Allowed-Origins, as version 2.9.1 reads them (get_allowed_origins, match_whitelist_string). What
// it does not understand makes it end without installing anything. No I/O; pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_UPDATE_ORIGINS_H_
#define TOM_CHECKS_PARSE_UPDATE_ORIGINS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tom {

// What apt knows of the place that a package comes from.
struct UpdateSource {
  std::string origin, label, suite, codename, component, site;
};

class UpdateOrigins {
 public:
  // `id` and `codename` are what ${distro_id} and ${distro_codename} stand for.
  UpdateOrigins(std::string id, std::string codename);

  void AddPattern(const std::string& text);
  // "origin:archive", or with a blank between them.
  void AddLegacy(const std::string& text);

  // Why the program would end with an error; empty: it would not.
  const std::string& problem() const { return problem_; }
  const std::vector<std::string>& patterns() const { return patterns_; }
  bool Take(const UpdateSource& source) const;

 private:
  struct Member {
    std::string name;
    std::string value;  // a pattern of shells
  };

  bool Fill(const std::string& text, std::string& filled);
  void Understand(const std::string& pattern);
  void Refuse(const std::string& text);

  std::string id_;
  std::string codename_;
  std::string problem_;
  std::vector<std::string> patterns_;
  std::vector<std::vector<Member>> alternatives_;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_UPDATE_ORIGINS_H_
