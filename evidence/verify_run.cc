#include "evidence/verify_run.h"

#include <sysexits.h>

#include <ctime>
#include <optional>

#include "evidence/read_file.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"
#include "evidence/trust.h"
#include "evidence/waiting_line.h"

namespace tom {
namespace {

constexpr size_t kMaxSmallFile = 1u << 20;
constexpr size_t kMaxCatalogueFile = 64u << 20;

// A flag's own word is wrong: told apart from files with wrong contents by its code.
absl::Status UsageError(const std::string& flag, const absl::Status& status) {
  return absl::OutOfRangeError(ToAbsl(flag + ": " + std::string(status.message())));
}

absl::StatusOr<std::vector<std::string>> ReadCertificates(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(path, kMaxSmallFile));
  auto certificates = PemToDer(pem);
  if (!certificates.ok()) return Annotate(certificates.status(), path);
  if (certificates->empty()) return BadData(path + ": holds no PEM certificate");
  return certificates;
}

absl::StatusOr<std::string> ReadOneCertificate(const std::string& path) {
  TOM_ASSIGN_OR_RETURN(const std::vector<std::string> all, ReadCertificates(path));
  if (all.size() != 1) return BadData(path + ": must hold exactly one certificate");
  return all.front();
}

absl::Status LoadTrustFile(const std::string& bytes, VerifyOptions& options) {
  TOM_ASSIGN_OR_RETURN(const Trust trust, ParseTrust(bytes));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo ca, ReadCertificatePem(trust.ca_pem));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo publisher, ReadCertificatePem(trust.publisher_pem));
  TOM_ASSIGN_OR_RETURN(options.log_key, ParseVkey(trust.log_vkey));
  options.ca_der = ca.der;
  options.publisher_der = publisher.der;
  options.checkpoints.push_back({"trust file", trust.first_checkpoint});
  return absl::OkStatus();
}

absl::Status LoadTrust(const std::string& path, VerifyOptions& options) {
  if (path.empty()) return BadData("--trust is required: a certificate or the trust file");
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadSmallFile(path, kMaxSmallFile));
  if (!bytes.empty() && bytes.front() == '{') {
    return Annotate(LoadTrustFile(bytes, options), path);
  }
  TOM_ASSIGN_OR_RETURN(options.ca_der, ReadOneCertificate(path));
  return absl::OkStatus();
}

absl::Status LoadPins(const VerifyArguments& arguments, VerifyOptions& options) {
  for (const std::string& path : arguments.tsa_trust) {
    TOM_ASSIGN_OR_RETURN(const std::vector<std::string> all, ReadCertificates(path));
    options.tsa_authorities.insert(options.tsa_authorities.end(), all.begin(), all.end());
  }
  if (!arguments.signer.empty()) {
    const auto signer = Digest::FromHex(arguments.signer);
    if (!signer.ok()) return UsageError("--signer", signer.status());
    options.signer = *signer;
  }
  if (!arguments.log_key.empty()) {
    const auto key = ParseVkey(arguments.log_key);
    if (!key.ok()) return UsageError("--log-key", key.status());
    options.log_key = *key;
  }
  if (!arguments.publisher.empty()) {
    TOM_ASSIGN_OR_RETURN(options.publisher_der, ReadOneCertificate(arguments.publisher));
  }
  return absl::OkStatus();
}

absl::Status LoadHeld(const VerifyArguments& arguments, VerifyOptions& options) {
  for (const std::string& path : arguments.checkpoints) {
    TOM_ASSIGN_OR_RETURN(std::string note, ReadSmallFile(path, kMaxSmallFile));
    options.checkpoints.push_back({path, std::move(note)});
  }
  options.previous = arguments.previous;
  if (!arguments.catalogue.empty()) {
    TOM_ASSIGN_OR_RETURN(const std::string bytes,
                         ReadSmallFile(arguments.catalogue, kMaxCatalogueFile));
    options.catalogue = Sha256(bytes);
  }
  return absl::OkStatus();
}

absl::StatusOr<Policy> LoadPolicy(const std::string& path) {
  if (path.empty()) return DefaultPolicy();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadSmallFile(path, kMaxSmallFile));
  auto policy = ParsePolicy(bytes);
  return policy.ok() ? policy : Annotate(policy.status(), path);
}

std::string_view Color(ClaimState state) {
  switch (state) {
    case ClaimState::kProven:
      return "\x1b[32m";
    case ClaimState::kDisproven:
      return "\x1b[31m";
    case ClaimState::kUnproven:
    case ClaimState::kDisclosed:
      return "\x1b[33m";
  }
  return "";
}

std::string Padded(std::string_view text, size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

// Details quote what packs hold; JSON must stay JSON whatever that is.
Json SafeText(const std::string& text) {
  return IsUtf8(text) && text.find('\0') == std::string::npos ? Json(text)
                                                              : Json(TerminalText(text));
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOutOfRange:
      return EX_USAGE;
    case absl::StatusCode::kInvalidArgument:
      return EX_DATAERR;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return EX_NOINPUT;
    default:
      return 1;
  }
}

int Fail(std::ostream& err, const absl::Status& status) {
  err << "tom-verify: " << TerminalText(FromAbsl(status.message())) << "\n";
  return ExitCodeOf(status);
}

}  // namespace

absl::StatusOr<VerifyOptions> LoadVerifyOptions(const VerifyArguments& arguments) {
  VerifyOptions options;
  options.at = static_cast<UnixSeconds>(std::time(nullptr));
  if (!arguments.at.empty()) {
    const auto at = ParseUtc(arguments.at);
    if (!at.ok()) return UsageError("--at", at.status());
    options.at = *at;
  }
  TOM_RETURN_IF_ERROR(LoadTrust(arguments.trust, options));
  TOM_RETURN_IF_ERROR(LoadPins(arguments, options));
  TOM_RETURN_IF_ERROR(LoadHeld(arguments, options));
  return options;
}

std::string VerificationJson(const Verification& verification, PackVerdict verdict) {
  Json::Array claims;
  for (const Claim& claim : verification.claims) {
    Json::Object object{{"claim", SafeText(claim.claim)},
                        {"state", ClaimStateName(claim.state)},
                        {"detail", SafeText(claim.detail)}};
    if (!claim.pieces.empty()) {
      Json::Array pieces;
      for (const std::string& piece : claim.pieces) pieces.push_back(SafeText(piece));
      object["pieces"] = Json(std::move(pieces));
    }
    claims.emplace_back(std::move(object));
  }
  Json::Object root{{"verdict", PackVerdictName(verdict)}, {"claims", Json(std::move(claims))}};
  if (verification.signer.has_value()) {
    root["signer"] = Json(Json::Object{{"subject", SafeText(verification.signer->subject)},
                                       {"sha256", verification.signer->Fingerprint().Hex()}});
  }
  if (verification.stamp.has_value()) {
    root["timestamp"] = Json(Json::Object{{"time", FormatUtc(verification.stamp->time)},
                                          {"authority", SafeText(verification.stamp->authority)}});
  }
  return Canonical(Json(std::move(root))) + "\n";
}

std::string VerificationTable(const Verification& verification, PackVerdict verdict, bool color) {
  std::string out;
  for (const Claim& claim : verification.claims) {
    const std::string state = Padded(ClaimStateName(claim.state), 10);
    out += Padded(TerminalText(claim.claim), 26);
    out += color ? std::string(Color(claim.state)) + state + "\x1b[0m" : state;
    out += " " + TerminalText(claim.detail) + "\n";
    for (const std::string& piece : claim.pieces) out += "      " + TerminalText(piece) + "\n";
  }
  return out + "verdict: " + std::string(PackVerdictName(verdict)) + "\n";
}

int RunVerify(const VerifyArguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.format != "table" && arguments.format != "json") {
    err << "tom-verify: --format: table or json\n";
    return EX_USAGE;
  }
  if (arguments.trust.empty()) {
    err << "tom-verify: --trust is required: a certificate or the trust file\n";
    return EX_USAGE;
  }
  const auto options = LoadVerifyOptions(arguments);
  if (!options.ok()) return Fail(err, options.status());
  const auto policy = LoadPolicy(arguments.policy);
  if (!policy.ok()) return Fail(err, policy.status());
  std::optional<WaitingLine> waiting(std::in_place, "verifying the pack");
  const auto verification = VerifyPack(arguments.pack, *options);
  waiting.reset();
  if (!verification.ok()) return Fail(err, verification.status());
  const PackVerdict verdict = Judge(verification->claims, *policy);
  out << (arguments.format == "json" ? VerificationJson(*verification, verdict)
                                     : VerificationTable(*verification, verdict, arguments.color));
  return ExitCode(verdict);
}

}  // namespace tom
