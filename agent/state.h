// The agent's state folder (mode 0700): keys, certificate, trust file and what enrolment said.
//
//   identity.key     P-256, PEM: born here, signs reports, never leaves
//   salt.key         32 random bytes: subject ids and salts of bodies
//   pseudonym.key    32 random bytes, made only where the configuration names no privacy.key_file
//   tls.key tls.pem  P-256 key and its certificate, purpose host-tls
//   trust.json       the trust file
//   enrolment.json   {collector, controllers?, host, ledger, system}; its presence makes the host
//   enrolled enrolling.json   an enrolment that was signed and not yet answered (enrolment.h)
//   drills/          records of restore drills (drill/drill_store.h)
//   catalogue        the catalogue in force and its statement (catalogue_store.h)
//   probe.memory     what tables found out that need not be asked for again
//   (checks/env/env_memory.h) anchor.json receipt.json ledger-refused     what is held of the
//   ledger (anchor_store.h) (anchor_store.h) spool/           checkpoint and log of signed
//   statements (spool.h) rejected/ statements the collector refused for good, and spool tails that
//   could not be read
//
// Every file has mode 0600, is replaced as a whole and checked when read; errors name it.
#ifndef TOM_AGENT_STATE_H_
#define TOM_AGENT_STATE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/keys.h"
#include "evidence/trust.h"

namespace tom {

inline constexpr std::string_view kDefaultStateDir = "/var/lib/tom/agent";

// An opened state folder: a path that was checked, nothing held open. Copies are cheap.
class StateDir {
 public:
  // Makes the folder (and its parents, 0755) where it is missing. PermissionDenied when it is no
  // folder, belongs to another user or has a mode other than 0700.
  static absl::StatusOr<StateDir> Open(const std::string& path, bool create);

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return path_ + "/" + std::string(name); }
  // A sub-folder, made with mode 0700 where it is missing.
  absl::StatusOr<std::string> Folder(std::string_view name) const;

  // NotFound where there is none: the host is not enrolled.
  absl::StatusOr<PrivateKey> Key(std::string_view name) const;
  absl::StatusOr<PrivateKey> KeyOrNew(std::string_view name) const;
  // Exactly 32 bytes.
  absl::StatusOr<std::string> Secret(std::string_view name) const;
  absl::StatusOr<std::string> SecretOrNew(std::string_view name) const;

 private:
  explicit StateDir(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// What enrolment settled for this host's life.
struct EnrolmentFacts {
  std::string collector;                 // HOST:PORT it enrolled with
  std::vector<std::string> controllers;  // sorted; default scope of rows; none = shared
  std::string host;                      // 32 hex digits
  std::string ledger;                    // origin
  std::string system;                    // inventory id
};

std::string EncodeEnrolmentFacts(const EnrolmentFacts& facts);
absl::StatusOr<EnrolmentFacts> ParseEnrolmentFacts(std::string_view bytes);

// FailedPrecondition "not enrolled" where there are none.
absl::StatusOr<EnrolmentFacts> LoadEnrolmentFacts(const StateDir& state);
// Checks that it speaks of the ledger the host is enrolled in.
absl::StatusOr<Trust> LoadTrust(const StateDir& state, const EnrolmentFacts& facts);

}  // namespace tom

#endif  // TOM_AGENT_STATE_H_
