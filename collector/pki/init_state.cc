// `tom-collector init`.
#include <filesystem>

#include "collector/ledger/sequencer.h"
#include "collector/pki/private_file.h"
#include "collector/pki/state_dir.h"
#include "collector/store/sqlite_store.h"
#include "evidence/checkpoint.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr int64_t kTlsDays = 825;
constexpr int64_t kPersonDays = 730;

// One key and certificate: DIR/NAME.key and DIR/NAME.pem. Gives the certificate (DER).
struct Maker {
  const Issuer& ca;
  UnixSeconds now;

  absl::StatusOr<std::string> Make(const std::string& dir, const std::string& name, Purpose purpose,
                                   const std::vector<std::string>& names) const {
    TOM_ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate(KeyKind::kP256));
    CertificateRequest request;
    request.purpose = purpose;
    request.common_name = names.empty() ? name : names.front();
    request.names = names;
    if (names.empty()) request.uris = {PersonUri(name)};
    request.spki = key.public_key().spki();
    request.not_before = now;
    request.days = names.empty() ? kPersonDays : kTlsDays;
    TOM_ASSIGN_OR_RETURN(std::string der, IssueCertificate(ca, request));
    std::string pem = DerToPem(der);
    if (!names.empty()) pem += DerToPem(ca.certificate);  // agents pin the CA by the chain's end
    TOM_RETURN_IF_ERROR(WritePrivateFile(dir + "/" + name + ".key", key.ToPem()));
    TOM_RETURN_IF_ERROR(WritePrivateFile(dir + "/" + name + ".pem", pem));
    return der;
  }
};

std::string TomctlYaml(const InitOptions& options) {
  const std::string dir = std::filesystem::absolute(options.operator_dir).string();
  const auto line = [&](const std::string& key, const std::string& file) {
    return key + ": \"" + dir + "/" + file + "\"\n";
  };
  return "collector: \"" + options.address + "\"\n" + line("ca_file", "ca.pem") +
         line("cert_file", "operator-tls.pem") + line("key_file", "operator-tls.key") +
         line("signing_cert_file", "operator.pem") + line("signing_key_file", "operator.key") +
         line("approver_cert_file", "approver.pem") + line("approver_key_file", "approver.key") +
         line("publisher_cert_file", "publisher.pem") +
         line("publisher_key_file", "publisher.key") + line("pack_cert_file", "pack.pem") +
         line("pack_key_file", "pack.key") + line("trust_file", "trust.json");
}

// People's keys: in the operator's folder, never in the collector's. Gives the publisher's
// certificate.
absl::StatusOr<std::string> MakePeople(const Maker& maker, const std::string& dir) {
  TOM_RETURN_IF_ERROR(maker.Make(dir, "operator", Purpose::kOperator, {}).status());
  TOM_RETURN_IF_ERROR(maker.Make(dir, "operator-tls", Purpose::kOperatorTls, {}).status());
  TOM_RETURN_IF_ERROR(maker.Make(dir, "approver", Purpose::kApprover, {}).status());
  TOM_RETURN_IF_ERROR(maker.Make(dir, "pack", Purpose::kPackSigner, {}).status());
  return maker.Make(dir, "publisher", Purpose::kPublisher, {});
}

absl::Status CheckOptions(const InitOptions& options) {
  namespace fs = std::filesystem;
  const fs::path state = fs::absolute(options.state).lexically_normal();
  const fs::path people = fs::absolute(options.operator_dir).lexically_normal();
  const fs::path inside = people.lexically_relative(state);
  if (inside.empty() || *inside.begin() != "..") {
    return absl::InvalidArgumentError("--operator-dir must lie outside --state");
  }
  for (const std::string& path : {state.string(), people.string()}) {
    if (path.find_first_of("\"\\\n") != std::string::npos) {
      return absl::InvalidArgumentError(path + ": no quotes, backslashes or newlines in paths");
    }
  }
  return absl::OkStatus();
}

// A root of its own, not an intermediate: nothing that it issues chains to what verifiers trust.
absl::Status MakeHostCa(const InitOptions& options) {
  TOM_ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate(KeyKind::kP256));
  TOM_ASSIGN_OR_RETURN(const std::string der,
                       MakeCa(key, "TOM host CA " + options.origin, options.now));
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.state + "/host-ca.key", key.ToPem()));
  return WritePrivateFile(options.state + "/host-ca.pem", DerToPem(der));
}

// The ledger's key, its first checkpoint and the store that holds it.
absl::StatusOr<Trust> MakeLedger(const InitOptions& options) {
  TOM_ASSIGN_OR_RETURN(const PrivateKey log, PrivateKey::Generate(KeyKind::kEd25519));
  Trust trust;
  trust.origin = options.origin;
  trust.log_vkey = EncodeVkey(options.origin, log.public_key());
  TOM_RETURN_IF_ERROR(Annotate(ParseVkey(trust.log_vkey).status(), "--origin"));
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.state + "/log.key", log.ToPem()));
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Store> store,
                       OpenSqliteStore(options.state + "/store.db"));
  TOM_ASSIGN_OR_RETURN(trust.first_checkpoint, StartLedger(*store, options.origin, log));
  const std::string id_key = RandomBytes(32);
  TOM_RETURN_IF_ERROR(store->Write(
      [&](StoreTransaction& write) { return write.PutSetting("host_id_key", id_key); }));
  return trust;
}

InitOptions Completed(InitOptions options) {
  if (options.names.empty()) options.names = {"localhost", "127.0.0.1", "::1"};
  if (options.origin.empty()) options.origin = options.names.front() + "/tom";
  if (options.address.empty()) options.address = options.names.front() + ":8443";
  return options;
}

}  // namespace

absl::Status InitState(const InitOptions& given) {
  const InitOptions options = Completed(given);
  TOM_RETURN_IF_ERROR(CheckOptions(options));
  TOM_RETURN_IF_ERROR(MakePrivateDir(options.state));
  TOM_RETURN_IF_ERROR(MakePrivateDir(options.operator_dir));
  TOM_ASSIGN_OR_RETURN(PrivateKey ca_key, PrivateKey::Generate(KeyKind::kP256));
  TOM_ASSIGN_OR_RETURN(std::string ca_der,
                       MakeCa(ca_key, "TOM installation CA " + options.origin, options.now));
  const Issuer ca{std::move(ca_der), std::move(ca_key)};
  const std::string ca_pem = DerToPem(ca.certificate);
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.operator_dir + "/ca.key", ca.key.ToPem()));
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.state + "/ca.pem", ca_pem));
  TOM_RETURN_IF_ERROR(MakeHostCa(options));
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.operator_dir + "/ca.pem", ca_pem));
  const Maker maker{ca, options.now};
  TOM_RETURN_IF_ERROR(
      maker.Make(options.state, "tls", Purpose::kCollectorTls, options.names).status());
  TOM_ASSIGN_OR_RETURN(const std::string publisher, MakePeople(maker, options.operator_dir));
  TOM_ASSIGN_OR_RETURN(Trust trust, MakeLedger(options));
  trust.ca_pem = ca_pem;
  trust.publisher_pem = DerToPem(publisher);
  const std::string bytes = EncodeTrust(trust);
  TOM_RETURN_IF_ERROR(ParseTrust(bytes).status());
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.state + "/trust.json", bytes));
  TOM_RETURN_IF_ERROR(WritePrivateFile(options.operator_dir + "/trust.json", bytes));
  return WritePrivateFile(options.operator_dir + "/tomctl.yaml", TomctlYaml(options));
}

}  // namespace tom
