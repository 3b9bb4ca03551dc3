#include "checks/tables/tls_evidence.h"

namespace tom {
namespace {

bool Covers(TlsVersion cap, TlsVersion version) {
  if (cap == TlsVersion::kSsl2 || cap == TlsVersion::kTls13) return version == cap;
  return version >= TlsVersion::kSsl3 && version <= cap;
}

}  // namespace

void TlsEvidence::Note(TlsVersion version, Finding finding) {
  const auto found = findings_.find(version);
  if (found != findings_.end()) {
    const Finding& old = found->second;
    if (old.offer == TlsOffer::kAccepted || old.cap < finding.cap) return;
    // Of two equally near answers the doubt stays.
    if (old.cap == finding.cap && old.offer == TlsOffer::kUnknown) return;
  }
  findings_[version] = std::move(finding);
}

void TlsEvidence::Chose(TlsVersion cap, TlsVersion chosen) {
  if (chosen > cap) {
    return Doubt(cap, "answered with " + std::string(TlsVersionName(chosen)));
  }
  Seen(chosen);
  for (const TlsVersion version : kTlsVersions) {
    if (Covers(cap, version) && version > chosen) {
      Note(version, {.offer = TlsOffer::kRefused, .cap = cap, .why = ""});
    }
  }
}

void TlsEvidence::Refused(TlsVersion cap) {
  for (const TlsVersion version : kTlsVersions) {
    if (Covers(cap, version)) Note(version, {.offer = TlsOffer::kRefused, .cap = cap, .why = ""});
  }
}

void TlsEvidence::Doubt(TlsVersion cap, const std::string& why) {
  for (const TlsVersion version : kTlsVersions) {
    if (Covers(cap, version)) Note(version, {.offer = TlsOffer::kUnknown, .cap = cap, .why = why});
  }
}

void TlsEvidence::Seen(TlsVersion version) {
  findings_[version] = {.offer = TlsOffer::kAccepted, .cap = version, .why = ""};
}

TlsOffer TlsEvidence::Of(TlsVersion version) const {
  const auto found = findings_.find(version);
  if (found == findings_.end()) return TlsOffer::kUnknown;
  if (found->second.offer == TlsOffer::kRefused && !AnyAccepted()) return TlsOffer::kUnknown;
  return found->second.offer;
}

bool TlsEvidence::AnyAccepted() const { return Weakest().has_value(); }

std::string TlsEvidence::Accepted() const {
  std::string names;
  for (const TlsVersion version : kTlsVersions) {
    if (Of(version) != TlsOffer::kAccepted) continue;
    names += (names.empty() ? "" : " ") + std::string(TlsVersionName(version));
  }
  return names;
}

std::optional<TlsVersion> TlsEvidence::Weakest() const {
  for (const auto& [version, finding] : findings_) {
    if (finding.offer == TlsOffer::kAccepted) return version;
  }
  return std::nullopt;
}

std::optional<TlsVersion> TlsEvidence::Strongest() const {
  std::optional<TlsVersion> strongest;
  for (const auto& [version, finding] : findings_) {
    if (finding.offer == TlsOffer::kAccepted) strongest = version;
  }
  return strongest;
}

bool TlsEvidence::WeakestIsSure() const {
  for (const TlsVersion version : kTlsVersions) {
    const TlsOffer offer = Of(version);
    if (offer == TlsOffer::kAccepted) return true;
    if (offer == TlsOffer::kUnknown) return false;
  }
  return false;
}

std::string TlsEvidence::Doubts() const {
  std::string text;
  for (const TlsVersion version : kTlsVersions) {
    if (Of(version) != TlsOffer::kUnknown) continue;
    const auto found = findings_.find(version);
    const std::string why =
        found == findings_.end() || found->second.why.empty() ? "not known" : found->second.why;
    text += (text.empty() ? "" : "; ") + std::string(TlsVersionName(version)) + ": " + why;
  }
  return text;
}

}  // namespace tom
