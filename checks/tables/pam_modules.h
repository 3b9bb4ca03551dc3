// What PAM's modules say to a trial, as far as it can be known without calling them. Modules are
// those of Linux-PAM 1.5.2 and the packages of Debian 12 and Fedora; each that the tests know how
// to run is compared with itself (pam_oracle_test).
#ifndef TOM_CHECKS_TABLES_PAM_MODULES_H_
#define TOM_CHECKS_TABLES_PAM_MODULES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "checks/env/env.h"
#include "checks/parse/pam_dispatch.h"
#include "checks/tables/pam_trial.h"

namespace tom {

// One call of one module. Models say what may come back; at least one thing.
struct PamCall {
  Env& env;
  const PamHandler& handler;
  size_t index;
  bool account;  // pam_acct_mgmt, else pam_authenticate
  const PamSubject& subject;
  PamTrial& trial;
  PamToken token;  // before the call; models set what it is after it
  std::vector<PamOutcome> outcomes = {};

  void Say(int code, const std::string& note = "", bool expected = true);
  // Any code at all.
  void Anything(const std::string& why);
  // Why what was said is not all certain.
  void Doubt(const std::string& why);
  // "/etc/pam.d/sshd line 3 (pam_unix.so)"
  std::string Place() const;

  // The user shows it; `kinds` of it are remembered for later trials.
  bool Given(const std::string& what, unsigned kinds);
  bool Has(const std::string& argument) const;
  // Of "name=value", the last one.
  std::optional<std::string> Value(const std::string& name) const;
};

using PamModel = void (*)(PamCall& call);

struct PamModelEntry {
  const char* name;  // without ".so"
  PamModel auth;     // null: the module has no such function
  PamModel account;
};

// The models, file by file.
const std::vector<PamModelEntry>& PamPasswordModels();
const std::vector<PamModelEntry>& PamCodeModels();
const std::vector<PamModelEntry>& PamConditionModels();
const std::vector<PamModelEntry>& PamNeutralModels();

// The module's name as it is known ("pam_unix"), or null.
const PamModelEntry* FindPamModel(const std::string& name);

class PamModules {
 public:
  explicit PamModules(Env& env) : env_(env) {}

  std::vector<PamOutcome> Run(const PamHandler& handler, size_t index, bool account,
                              const PamSubject& subject, PamToken token, PamTrial& trial);

 private:
  enum class Presence {
    kThere,
    kMissing,
    kAssumed  // no folder of modules is in this tree, or it is not certain which one counts
  };
  struct Known {
    Presence presence = Presence::kAssumed;
    std::string name;  // what it is: of a link, what it leads to; "" an unknown place
  };

  const Known& Look(const std::string& module);
  Known Find(const std::string& module);
  Known Examine(const std::string& path);
  void ReadFolders();

  Env& env_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::vector<std::string>> folders_;  // real path -> names
  bool folders_read_ = false;
  bool folders_uncertain_ = false;
};

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_PAM_MODULES_H_
