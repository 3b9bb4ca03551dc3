#include "collector/ctl/session.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "collector/ctl/listing.h"
#include "evidence/canonical_json.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxConfig = 1 << 20;

struct SignerKeys {
  Signer signer;
  const char* name;
  std::string CtlConfig::*certificate;
  std::string CtlConfig::*key;
};

constexpr SignerKeys kSigners[] = {
    {Signer::kOperator, "signing", &CtlConfig::signing_cert_file, &CtlConfig::signing_key_file},
    {Signer::kApprover, "approver", &CtlConfig::approver_cert_file, &CtlConfig::approver_key_file},
    {Signer::kPublisher, "publisher", &CtlConfig::publisher_cert_file,
     &CtlConfig::publisher_key_file},
    {Signer::kPack, "pack", &CtlConfig::pack_cert_file, &CtlConfig::pack_key_file},
};

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path, size_t max_bytes) {
  absl::StatusOr<std::string> bytes = ReadSmallFile(path, max_bytes);
  if (!absl::IsFailedPrecondition(bytes.status())) return bytes;
  return absl::NotFoundError(bytes.status().message());
}

absl::StatusOr<CtlConfig> Session::ReadConfig() const {
  const CtlConfigFile file = FindCtlConfig(flags_.config);
  const absl::StatusOr<std::string> yaml = ReadSmallFile(file.path, kMaxConfig);
  CtlConfig config;
  if (yaml.ok()) {
    TOM_ASSIGN_OR_RETURN(config, ParseCtlConfig(*yaml, file.path));
  } else if (file.asked_for || !absl::IsNotFound(yaml.status())) {
    return yaml.status();
  }
  Override(config, flags_.over);
  return config;
}

absl::StatusOr<CtlConfig> Session::Config() {
  if (config_.has_value()) return *config_;
  absl::StatusOr<CtlConfig> config = ReadConfig();
  config_failed_ = !config.ok();
  if (config.ok()) config_ = *config;
  return config;
}

absl::Status Session::Need(const CtlConfig& config,
                           const std::vector<std::string CtlConfig::*>& members) {
  std::string missing;
  for (const CtlKey& key : kCtlKeys) {
    const bool needed = std::find(members.begin(), members.end(), key.member) != members.end();
    if (!needed || !(config.*key.member).empty()) continue;
    absl::StrAppend(&missing, missing.empty() ? "" : ", ", key.name);
  }
  if (missing.empty()) return absl::OkStatus();
  config_failed_ = true;
  return absl::FailedPreconditionError(
      absl::StrCat(FindCtlConfig(flags_.config).path, ": names no ", missing,
                   " (nor does the environment or a flag; tomctl --help lists them)"));
}

absl::StatusOr<OperatorClient*> Session::Client() {
  if (client_ == nullptr) {
    TOM_ASSIGN_OR_RETURN(const CtlConfig config, Config());
    TOM_RETURN_IF_ERROR(Need(config, {&CtlConfig::collector, &CtlConfig::ca_file,
                                      &CtlConfig::cert_file, &CtlConfig::key_file}));
    TOM_ASSIGN_OR_RETURN(client_, connect_(config));
  }
  return client_.get();
}

absl::StatusOr<KeyPair> Session::Keys(Signer signer) {
  TOM_ASSIGN_OR_RETURN(const CtlConfig config, Config());
  for (const SignerKeys& keys : kSigners) {
    if (keys.signer != signer) continue;
    TOM_RETURN_IF_ERROR(Need(config, {keys.certificate, keys.key}));
    return LoadKeyPair(config.*keys.certificate, config.*keys.key, keys.name);
  }
  return absl::InternalError("no such signer");
}

absl::StatusOr<Trust> Session::TrustFile() {
  TOM_ASSIGN_OR_RETURN(const CtlConfig config, Config());
  TOM_RETURN_IF_ERROR(Need(config, {&CtlConfig::trust_file}));
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
  TOM_ASSIGN_OR_RETURN(const Trust trust, TrustFile());
  TOM_ASSIGN_OR_RETURN(const KeyPair pair, Keys(signer));
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
