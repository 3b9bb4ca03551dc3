#include "evidence/container_claims.h"

#include <algorithm>

#include "evidence/asice.h"
#include "evidence/claims.h"
#include "evidence/cms.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxManifestBytes = 32u << 20;  // 65,000 files of at most 400 bytes a line
constexpr size_t kMaxSignatureBytes = 1u << 20;

struct Container {
  std::vector<NamedDigest> payload;
  std::string manifest;
  std::string signature;
  std::optional<std::string> archive_token;
};

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// META-INF holds exactly what packs have there: manifest and signature, and the archive pair or
// neither of it.
absl::Status CheckMetaInf(const PackReader& pack) {
  const std::vector<std::string_view> known = {kManifestName, kSignatureName, kArchiveManifestName,
                                               kArchiveStampName};
  for (const std::string& name : pack.names()) {
    const bool meta = name.size() >= 8 && (name.compare(0, 8, "META-INF") == 0);
    if (meta && std::find(known.begin(), known.end(), name) == known.end()) {
      return BadData(name + ": packs have no such file");
    }
  }
  for (const std::string_view name : {kManifestName, kSignatureName}) {
    if (!pack.Has(std::string(name))) return BadData(std::string(name) + ": missing");
  }
  if (pack.Has(std::string(kArchiveManifestName)) != pack.Has(std::string(kArchiveStampName))) {
    return BadData("of archive manifest and archive time-stamp one is missing");
  }
  return absl::OkStatus();
}

absl::Status CheckArchive(const PackReader& pack, Container& container) {
  if (!pack.Has(std::string(kArchiveStampName))) return absl::OkStatus();
  std::vector<NamedDigest> files = container.payload;
  files.emplace_back(kManifestName, Sha256(container.manifest));
  files.emplace_back(kSignatureName, Sha256(container.signature));
  TOM_ASSIGN_OR_RETURN(const std::string found,
                       pack.Read(std::string(kArchiveManifestName), kMaxManifestBytes));
  TOM_RETURN_IF_ERROR(
      Annotate(CompareManifest(found, RenderArchiveManifest(files)), kArchiveManifestName));
  TOM_ASSIGN_OR_RETURN(container.archive_token,
                       pack.Read(std::string(kArchiveStampName), kMaxSignatureBytes));
  return absl::OkStatus();
}

absl::StatusOr<Container> ReadContainer(const PackReader& pack) {
  TOM_RETURN_IF_ERROR(CheckMetaInf(pack));
  Container container;
  for (const std::string& name : pack.names()) {
    if (name == "mimetype" || name.compare(0, 9, "META-INF/") == 0) continue;
    TOM_ASSIGN_OR_RETURN(const Digest digest, pack.DigestOf(name));
    container.payload.emplace_back(name, digest);
  }
  TOM_ASSIGN_OR_RETURN(container.manifest,
                       pack.Read(std::string(kManifestName), kMaxManifestBytes));
  TOM_ASSIGN_OR_RETURN(container.signature,
                       pack.Read(std::string(kSignatureName), kMaxSignatureBytes));
  TOM_RETURN_IF_ERROR(Annotate(
      CompareManifest(container.manifest, RenderManifest(container.payload)), kManifestName));
  TOM_RETURN_IF_ERROR(CheckArchive(pack, container));
  return container;
}

// The time-stamps: over the signature value, and over the archive manifest.
Claim JudgeTime(const PackReader& pack, const Container& container,
                const DetachedSignature& signature, const ContainerTrust& trust,
                std::optional<TimeStamp>& believed) {
  const std::string name = "signed-time";
  if (!signature.token.has_value()) {
    if (container.archive_token.has_value()) {
      return Disproven(name, "an archive time-stamp over a signature without one of its own");
    }
    return Unproven(name, "the signature carries no time-stamp");
  }
  if (!container.archive_token.has_value()) {
    return Disproven(name, "the archive manifest and its time-stamp have been taken away");
  }
  if (trust.tsa_authorities.empty()) {
    return Unproven(name, "no time-stamp authority is trusted (--tsa-trust)");
  }
  const auto stamp =
      VerifyTimeStamp(*signature.token, Sha256(signature.signature), trust.tsa_authorities);
  if (!stamp.ok()) return Disproven(name, "signature time-stamp: " + Message(stamp.status()));
  const auto archive = pack.Read(std::string(kArchiveManifestName), kMaxManifestBytes);
  if (!archive.ok()) return Disproven(name, Message(archive.status()));
  const auto archive_stamp =
      VerifyTimeStamp(*container.archive_token, Sha256(*archive), trust.tsa_authorities);
  if (!archive_stamp.ok()) {
    return Disproven(name, "archive time-stamp: " + Message(archive_stamp.status()));
  }
  if (stamp->time + limits::kClockSlackSeconds < signature.signing_time) {
    return Disproven(
        name, "the time-stamp is older than the signing time " + FormatUtc(signature.signing_time));
  }
  if (archive_stamp->time < stamp->time) {
    return Disproven(name, "the archive time-stamp is older than the signature's");
  }
  if (archive_stamp->time > trust.at + limits::kClockSlackSeconds) {
    return Disproven(name, "a time-stamp lies in the future: " + FormatUtc(archive_stamp->time));
  }
  believed = *stamp;
  return Proven(name, FormatUtc(stamp->time) + " by " + stamp->authority);
}

Claim JudgeSigner(const CertificateInfo& signer, const ContainerTrust& trust, UnixSeconds at) {
  const std::string name = "signer";
  const std::string who = signer.subject + ", certificate " + signer.Fingerprint().Hex();
  const absl::Status chain = VerifyCertificate(signer.der, trust.ca_der, Purpose::kPackSigner, at);
  if (!chain.ok()) return Disproven(name, who + ": " + Message(chain));
  if (trust.signer.has_value() && *trust.signer != signer.Fingerprint()) {
    return Disproven(name, who + ": not the certificate that was asked for (--signer)");
  }
  return Proven(name, who);
}

}  // namespace

JudgedContainer JudgeContainer(const PackReader& pack, const ContainerTrust& trust) {
  JudgedContainer judged;
  const auto container = ReadContainer(pack);
  if (!container.ok()) {
    judged.claims.push_back(Disproven("container", Message(container.status())));
    return judged;
  }
  for (const auto& [name, digest] : container->payload) {
    judged.payload.push_back(name);
    judged.digests.emplace(name, digest);
  }
  judged.claims.push_back(Proven("container", std::to_string(container->payload.size()) +
                                                  " files, each as the signed manifest lists it"));
  const auto signature = VerifyDetachedCms(container->signature, container->manifest);
  if (!signature.ok()) {
    judged.claims.push_back(Disproven("signer", Message(signature.status())));
    return judged;
  }
  judged.claims.push_back(JudgeTime(pack, *container, *signature, trust, judged.stamp));
  const auto signer = ReadCertificateDer(signature->signer_der);
  if (!signer.ok()) {
    judged.claims.push_back(Disproven("signer", Message(signer.status())));
    return judged;
  }
  judged.signer = *signer;
  // Certificates die long before retention ends: the moment that counts is the time-stamp's.
  const UnixSeconds at = judged.stamp.has_value() ? judged.stamp->time : trust.at;
  judged.claims.push_back(JudgeSigner(*signer, trust, at));
  judged.sound = judged.claims.back().state == ClaimState::kProven;
  return judged;
}

}  // namespace tom
