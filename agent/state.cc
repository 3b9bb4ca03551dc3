#include "agent/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/state_file.h"
#include "evidence/canonical_json.h"
#include "evidence/digest.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxKeyBytes = 16 << 10;
constexpr size_t kMaxTrustBytes = 256 << 10;
constexpr size_t kSecretBytes = 32;

absl::Status MakeFolder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return FileError(path, "cannot make the folder");
  }
  return absl::OkStatus();
}

absl::Status MakeParents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    TOM_RETURN_IF_ERROR(MakeFolder(path.substr(0, slash), 0755));
  }
  return absl::OkStatus();
}

absl::Status CheckFolder(const std::string& path) {
  const OwnedFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.ok()) return FileError(path, "cannot open the state folder");
  struct stat facts {};
  if (fstat(fd.get(), &facts) != 0) return FileError(path, "cannot examine");
  if (facts.st_uid != geteuid()) {
    return absl::PermissionDeniedError(path + ": belongs to another user");
  }
  if ((facts.st_mode & 07777) != 0700) {
    return absl::PermissionDeniedError(path + ": its mode must be 0700");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StateDir> StateDir::Open(const std::string& path, bool create) {
  std::string clean = path;
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  if (clean.empty()) return BadData("the state folder has no name");
  if (create) {
    TOM_RETURN_IF_ERROR(MakeParents(clean));
    TOM_RETURN_IF_ERROR(MakeFolder(clean, 0700));
  }
  TOM_RETURN_IF_ERROR(CheckFolder(clean));
  return StateDir(clean);
}

absl::StatusOr<std::string> StateDir::Folder(std::string_view name) const {
  const std::string path = File(name);
  TOM_RETURN_IF_ERROR(MakeFolder(path, 0700));
  TOM_RETURN_IF_ERROR(CheckFolder(path));
  return path;
}

absl::StatusOr<PrivateKey> StateDir::Key(std::string_view name) const {
  TOM_ASSIGN_OR_RETURN(const std::string pem, ReadStateFile(File(name), kMaxKeyBytes));
  absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(pem);
  if (!key.ok()) return Annotate(key.status(), File(name));
  if (key->public_key().kind() != KeyKind::kP256) return BadData(File(name) + ": is no P-256 key");
  return key;
}

absl::StatusOr<PrivateKey> StateDir::KeyOrNew(std::string_view name) const {
  absl::StatusOr<PrivateKey> key = Key(name);
  if (!absl::IsNotFound(key.status())) return key;
  TOM_ASSIGN_OR_RETURN(PrivateKey fresh, PrivateKey::Generate(KeyKind::kP256));
  TOM_RETURN_IF_ERROR(WriteAtomic(File(name), fresh.ToPem()));
  return fresh;
}

absl::StatusOr<std::string> StateDir::Secret(std::string_view name) const {
  TOM_ASSIGN_OR_RETURN(std::string secret, ReadStateFile(File(name), kSecretBytes));
  if (secret.size() != kSecretBytes) {
    return absl::DataLossError(File(name) + ": has " + std::to_string(secret.size()) +
                               " bytes instead of " + std::to_string(kSecretBytes));
  }
  return secret;
}

absl::StatusOr<std::string> StateDir::SecretOrNew(std::string_view name) const {
  absl::StatusOr<std::string> secret = Secret(name);
  if (!absl::IsNotFound(secret.status())) return secret;
  std::string fresh = RandomBytes(kSecretBytes);
  TOM_RETURN_IF_ERROR(WriteAtomic(File(name), fresh));
  return fresh;
}

std::string EncodeEnrolmentFacts(const EnrolmentFacts& facts) {
  Json::Object json;
  json["collector"] = facts.collector;
  if (!facts.controllers.empty()) json["controllers"] = StringArray(facts.controllers);
  json["host"] = facts.host;
  json["ledger"] = facts.ledger;
  json["system"] = facts.system;
  return Canonical(json);
}

absl::StatusOr<EnrolmentFacts> ParseEnrolmentFacts(std::string_view bytes) {
  TOM_ASSIGN_OR_RETURN(const Json json, ParseCanonical(bytes));
  FieldReader fields(json, "enrolment");
  EnrolmentFacts facts;
  facts.collector = fields.String("collector");
  facts.controllers = fields.StringSet("controllers");
  facts.host = fields.Hex("host", 32);
  facts.ledger = fields.String("ledger");
  facts.system = fields.String("system");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return facts;
}

absl::StatusOr<EnrolmentFacts> LoadEnrolmentFacts(const StateDir& state) {
  const std::string path = state.File("enrolment.json");
  absl::StatusOr<std::string> bytes = ReadStateFile(path, kMaxTrustBytes);
  if (absl::IsNotFound(bytes.status())) {
    return absl::FailedPreconditionError(
        state.path() + ": this host is not enrolled; see tom-agent enroll --help");
  }
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<EnrolmentFacts> facts = ParseEnrolmentFacts(*bytes);
  if (!facts.ok()) return Annotate(facts.status(), path);
  return facts;
}

absl::StatusOr<Trust> LoadTrust(const StateDir& state, const EnrolmentFacts& facts) {
  const std::string path = state.File("trust.json");
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadStateFile(path, kMaxTrustBytes));
  absl::StatusOr<Trust> trust = ParseTrust(bytes);
  if (!trust.ok()) return Annotate(trust.status(), path);
  if (trust->origin != facts.ledger) {
    return BadData(path + ": speaks of the ledger " + trust->origin + ", the host is enrolled in " +
                   facts.ledger);
  }
  return trust;
}

}  // namespace tom
