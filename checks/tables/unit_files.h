// systemd's units as they lie on the disk (systemd.unit(5), "unit file load path"; install.c of
// systemd 252): which file counts, whether it is masked, what starts it, its drop-ins. And, on a
// running host, whether it is active, as systemd leaves it in /run/systemd/units and in the
// cgroups.
#ifndef TOM_CHECKS_TABLES_UNIT_FILES_H_
#define TOM_CHECKS_TABLES_UNIT_FILES_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/engine/touch.h"
#include "checks/parse/unit_file.h"
#include "checks/tables/config_files.h"
#include "checks/tables/drop_ins.h"

namespace tom {

struct Unit {
  std::string id;
  std::string path;    // of the file that counts; empty: there is none
  std::string target;  // where links from there end
  std::string state;   // as systemctl is-enabled says it; empty: not found
  bool masked = false;
  std::vector<std::string> started_by;  // units whose wants, requires or upholds links name it
  UnitFile content;                     // with its drop-ins
  std::string problem;                  // why the content is not known
};

class UnitFiles {
 public:
  static constexpr size_t kMaxUnits = 10000;
  static constexpr size_t kMaxReads = 200000;  // of files, each for every unit that it is for

  // Lists the folders; what cannot be listed is a problem. `env` must outlive it.
  explicit UnitFiles(Env& env);

  const std::vector<std::string>& problems() const { return files_.problems(); }
  // Every name that has a file, without templates' instances that only links name; scripts of
  // /etc/init.d without a unit of their name too, as systemd-sysv-generator(8) makes units of them.
  std::vector<std::string> Names() const;

  // "name.service"; an instance finds its template's file. Remembered.
  Unit Find(const std::string& id);

  // Whether systemd ran as this host's init when it was last seen: nothing of this counts without.
  bool HasSystemd();
  // Whether it starts at boot: reached from default.target by links, Wants= and the like, and let
  // by its conditions. Nothing where hardware or something else that comes later may start it, or a
  // condition is not known. Where no default.target is at hand, the usual one is assumed.
  std::optional<bool> Starts(const Unit& unit);
  // Nothing where it cannot be told: in a dead tree, where systemd is not running, and of kinds
  // that it leaves no trace of (timers, targets).
  std::optional<bool> Active(const std::string& id);

 private:
  struct Links {
    std::set<std::string> started_by;
    bool config = false;   // from /etc
    bool runtime = false;  // from /run
    bool vendor = false;   // from elsewhere
  };

  void Scan(const std::string& folder);
  void ScanLinks(const std::string& folder, const std::string& name);
  void ScanScripts();
  std::string PathOf(const std::string& id) const;
  std::string StateOf(const Unit& unit);
  std::string LinkedState(const Unit& unit);
  Unit Look(const std::string& id);
  void ReadContent(Unit& unit);
  std::vector<std::string> DropInFolders(const std::string& id) const;
  const std::vector<DropIn>& DropInsOf(const std::vector<std::string>& folders);
  const absl::StatusOr<std::string>& TextOf(const std::string& path);
  std::vector<std::string> NamesOf(const Unit& unit) const;
  const std::set<std::string>& Reached();
  void Reach(const std::string& id, bool assumed, std::vector<std::string>& queue);

  ConfigFiles files_;
  std::map<std::string, std::string> paths_;                    // name -> strongest path
  std::map<std::string, Links> links_;                          // name -> what starts it
  std::map<std::string, std::vector<std::string>> drop_ins_;    // "x.service.d" -> folders
  std::map<std::string, std::map<std::string, bool>> aliases_;  // name -> others -> in /etc
  std::map<std::string, std::set<std::string>> wanted_;         // who starts -> whom, by links
  std::map<std::string, Unit> found_;
  std::map<std::vector<std::string>, std::vector<DropIn>> listed_;  // by the folders
  std::map<std::string, absl::StatusOr<std::string>> texts_;        // by path
  size_t reads_ = 0;
  std::optional<std::set<std::string>> reached_;  // from default.target on
};

// What looking at all units touches; follows the links that are there now.
std::vector<Touch> UnitTouches(Env& env);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_UNIT_FILES_H_
