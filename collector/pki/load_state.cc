#include "collector/pki/private_file.h"
#include "collector/pki/state_dir.h"
#include "evidence/checkpoint.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxFile = 1 << 20;

absl::StatusOr<PrivateKey> LoadKey(const std::string& path, KeyKind kind) {
  TOM_RETURN_IF_ERROR(CheckPrivate(path));
  TOM_ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(path, kMaxFile));
  absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(pem);
  if (!key.ok()) return Annotate(key.status(), path);
  if (key->public_key().kind() != kind)
    return absl::InvalidArgumentError(path + ": another kind of key");
  return key;
}

absl::StatusOr<std::string> LoadCertificate(const std::string& path, std::string& pem) {
  TOM_ASSIGN_OR_RETURN(pem, ReadSmallFile(path, kMaxFile));
  const absl::StatusOr<CertificateInfo> certificate = ReadCertificatePem(pem);
  if (!certificate.ok()) return Annotate(certificate.status(), path);
  return certificate->der;
}

absl::StatusOr<Issuer> LoadHostCa(const std::string& dir, std::string& pem) {
  TOM_ASSIGN_OR_RETURN(std::string der, LoadCertificate(dir + "/host-ca.pem", pem));
  TOM_ASSIGN_OR_RETURN(PrivateKey key, LoadKey(dir + "/host-ca.key", KeyKind::kP256));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo certificate, ReadCertificateDer(der));
  if (certificate.spki != key.public_key().spki()) {
    return absl::InvalidArgumentError(dir + "/host-ca.key: not the key of host-ca.pem");
  }
  return Issuer{std::move(der), std::move(key)};
}

absl::Status CheckFit(const CollectorState& state) {
  if (state.trust.ca_pem != state.ca_pem) {
    return absl::InvalidArgumentError(state.dir + "/trust.json: names another CA");
  }
  if (EncodeVkey(state.trust.origin, state.log_key.public_key()) != state.trust.log_vkey) {
    return absl::InvalidArgumentError(state.dir + "/trust.json: names another ledger key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CollectorState> LoadState(const std::string& dir) {
  std::string ca_pem;
  std::string host_ca_pem;
  TOM_ASSIGN_OR_RETURN(std::string ca, LoadCertificate(dir + "/ca.pem", ca_pem));
  TOM_ASSIGN_OR_RETURN(Issuer host_ca, LoadHostCa(dir, host_ca_pem));
  TOM_ASSIGN_OR_RETURN(PrivateKey log_key, LoadKey(dir + "/log.key", KeyKind::kEd25519));
  TOM_ASSIGN_OR_RETURN(std::string tls_pem, ReadSmallFile(dir + "/tls.pem", kMaxFile));
  TOM_ASSIGN_OR_RETURN(const PrivateKey tls_key, LoadKey(dir + "/tls.key", KeyKind::kP256));
  TOM_ASSIGN_OR_RETURN(std::string trust_bytes, ReadSmallFile(dir + "/trust.json", kMaxFile));
  absl::StatusOr<Trust> trust = ParseTrust(trust_bytes);
  if (!trust.ok()) return Annotate(trust.status(), dir + "/trust.json");
  CollectorState state{dir,
                       std::move(ca),
                       std::move(host_ca),
                       std::move(ca_pem),
                       std::move(host_ca_pem),
                       std::move(tls_pem),
                       tls_key.ToPem(),
                       std::move(log_key),
                       *std::move(trust),
                       std::move(trust_bytes)};
  TOM_RETURN_IF_ERROR(CheckFit(state));
  return state;
}

}  // namespace tom
