#include "collector/ctl/session.h"

#include <fstream>

#include "collector/ctl/listing.h"
#include "evidence/canonical_json.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxConfig = 1 << 20;

absl::StatusOr<KeyPair> LoadSigner(const CtlConfig& config, Signer signer) {
  switch (signer) {
    case Signer::kOperator:
      return LoadKeyPair(config.signing_cert_file, config.signing_key_file, "signing");
    case Signer::kApprover:
      return LoadKeyPair(config.approver_cert_file, config.approver_key_file, "approver");
    case Signer::kPublisher:
      return LoadKeyPair(config.publisher_cert_file, config.publisher_key_file, "publisher");
  }
  return absl::InternalError("no such signer");
}

}  // namespace

absl::StatusOr<CtlConfig> Session::Config() {
  if (config_.has_value()) return *config_;
  config_failed_ = true;
  const std::string path = CtlConfigPath(flags_.config);
  TOM_ASSIGN_OR_RETURN(const std::string yaml, ReadSmallFile(path, kMaxConfig));
  TOM_ASSIGN_OR_RETURN(config_, ParseCtlConfig(yaml, path));
  config_failed_ = false;
  return *config_;
}

absl::StatusOr<OperatorClient*> Session::Client() {
  if (client_ == nullptr) {
    TOM_ASSIGN_OR_RETURN(const CtlConfig config, Config());
    TOM_ASSIGN_OR_RETURN(client_, ConnectOperator(config));
  }
  return client_.get();
}

absl::StatusOr<Trust> Session::TrustFile() {
  TOM_ASSIGN_OR_RETURN(const CtlConfig config, Config());
  if (config.trust_file.empty()) {
    return absl::FailedPreconditionError("the configuration names no trust_file");
  }
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadSmallFile(config.trust_file, kMaxConfig));
  auto trust = ParseTrust(bytes);
  if (!trust.ok()) return Annotate(trust.status(), config.trust_file);
  return trust;
}

absl::Status Session::Print(std::string_view text) {
  if (flags_.output.empty()) {
    out_ << text << std::flush;
    return absl::OkStatus();
  }
  std::ofstream file(flags_.output, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return absl::InternalError(ToAbsl(flags_.output + ": cannot be written"));
  return absl::OkStatus();
}

absl::Status Session::PrintList(std::string_view json, const std::string& rows,
                                const std::vector<std::string>& columns) {
  TOM_ASSIGN_OR_RETURN(const std::string text, FormatList(json, rows, columns, flags_.format));
  return Print(text);
}

absl::StatusOr<Session::Signed> Session::SignOnly(Signer signer, Kind kind, Json predicate) {
  TOM_ASSIGN_OR_RETURN(const CtlConfig config, Config());
  TOM_ASSIGN_OR_RETURN(const Trust trust, TrustFile());
  TOM_ASSIGN_OR_RETURN(const KeyPair pair, LoadSigner(config, signer));
  predicate.AsObject()["ledger"] = trust.origin;
  predicate.AsObject()["signer"] = pair.certificate.Fingerprint().Hex();
  predicate.AsObject()["salt"] = RandomId();
  TOM_RETURN_IF_ERROR(EncodeCanonical(predicate).status());
  TOM_ASSIGN_OR_RETURN(Envelope envelope,
                       SignEnvelope(EncodeKindStatement(kind, predicate), pair.key));
  return Signed{std::move(envelope), pair.certificate.der};
}

absl::StatusOr<SubmittedStatement> Session::Sign(Signer signer, Kind kind, Json predicate,
                                                 std::vector<std::string> blobs) {
  TOM_ASSIGN_OR_RETURN(const Signed statement, SignOnly(signer, kind, std::move(predicate)));
  blobs.push_back(statement.certificate_der);
  TOM_ASSIGN_OR_RETURN(OperatorClient * client, Client());
  return client->Submit(statement.envelope, blobs);
}

}  // namespace tom
