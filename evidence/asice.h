// Names and manifests of an ASiC-E container with CAdES (ETSI EN 319 162-1), as packs use them.
//
// Both manifests have exactly one spelling for a given list of files, so the reader is the writer:
// render what the files at hand demand and compare bytes. No XML is ever parsed.
#ifndef TOM_EVIDENCE_ASICE_H_
#define TOM_EVIDENCE_ASICE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "evidence/digest.h"

namespace tom {

inline constexpr std::string_view kManifestName = "META-INF/ASiCManifest001.xml";
inline constexpr std::string_view kSignatureName = "META-INF/signature001.p7s";
inline constexpr std::string_view kArchiveManifestName = "META-INF/ASiCArchiveManifest.xml";
inline constexpr std::string_view kArchiveStampName = "META-INF/timestamp001.tst";

using NamedDigest = std::pair<std::string, Digest>;

// Over `payload`, in the order given; referred to by the signature. REQUIRES: names that
// CheckPackName accepts.
std::string RenderManifest(const std::vector<NamedDigest>& payload);
// Over payload, manifest and signature; referred to by the archive time-stamp.
std::string RenderArchiveManifest(const std::vector<NamedDigest>& files);

// OK when `found` is `rendered`; else says which line is the first that differs, and which file it
// speaks of.
absl::Status CompareManifest(std::string_view found, std::string_view rendered);

}  // namespace tom

#endif  // TOM_EVIDENCE_ASICE_H_
