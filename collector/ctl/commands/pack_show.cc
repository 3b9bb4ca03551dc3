#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "collector/ctl/command.h"
#include "evidence/asice.h"
#include "evidence/bundle.h"
#include "evidence/certificate.h"
#include "evidence/checkpoint.h"
#include "evidence/cms.h"
#include "evidence/pack_reader.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

Json SizeOf(const std::string& text) {
  int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool number = error == std::errc() && end == text.data() + text.size() && size >= 0 &&
                      size <= Json::kMaxInteger;
  return number ? Json(size) : TextOrBytes(text);
}

// A note's own words; whether they are true is `pack verify`'s to say.
Json NoteToJson(const std::string& note) {
  const size_t first = note.find('\n');
  const size_t second = note.find('\n', first + 1);
  const size_t third = note.find('\n', second + 1);
  if (third == std::string::npos) return Json(Json::Object{});
  const auto root = Base64Decode(note.substr(second + 1, third - second - 1));
  return Json::Object{{"origin", TextOrBytes(note.substr(0, first))},
                      {"size", SizeOf(note.substr(first + 1, second - first - 1))},
                      {"root", root.ok() ? HexEncode(*root) : ""}};
}

absl::StatusOr<int64_t> CountReports(const PackReader& pack) {
  int64_t count = 0;
  for (const std::string& name : pack.names()) {
    if (name.compare(0, 15, "evidence/hosts/") != 0) continue;
    TOM_ASSIGN_OR_RETURN(const std::string bytes, pack.Read(name));
    TOM_ASSIGN_OR_RETURN(const HostBundle bundle, ParseHostBundle(bytes));
    for (const BundleChain& chain : bundle.chains) {
      count += static_cast<int64_t>(chain.statements.size());
    }
  }
  return count;
}

absl::StatusOr<Json::Object> Describe(const PackReader& pack) {
  TOM_ASSIGN_OR_RETURN(const std::string facts_bytes, pack.Read(std::string(kPackFactsName)));
  TOM_ASSIGN_OR_RETURN(const PackFacts facts, ParsePackFacts(facts_bytes));
  TOM_ASSIGN_OR_RETURN(const std::string stamps_bytes, pack.Read(std::string(kStampsName)));
  TOM_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, ParseStamps(stamps_bytes));
  TOM_ASSIGN_OR_RETURN(const int64_t reports, CountReports(pack));
  TOM_ASSIGN_OR_RETURN(const std::string manifest, pack.Read(std::string(kManifestName)));
  TOM_ASSIGN_OR_RETURN(const std::string cms, pack.Read(std::string(kSignatureName)));
  Json::Object out{{"period", FormatUtc(facts.from) + ".." + FormatUtc(facts.to)},
                   {"profile", facts.profile},
                   {"files", pack.names().size()},
                   {"reports", reports},
                   {"attestations", 0}};
  if (facts.controller.has_value()) out["controller"] = *facts.controller;
  if (!stamps.empty()) out["checkpoint"] = NoteToJson(stamps.back().note);
  const auto signature = VerifyDetachedCms(cms, manifest);
  out["timestamp"] = pack.Has(std::string(kArchiveStampName)) ? "there" : "none";
  if (!signature.ok()) return out;
  const auto signer = ReadCertificateDer(signature->signer_der);
  if (signer.ok()) out["signer"] = TextOrBytes(signer->subject);
  return out;
}

absl::StatusOr<int> Run(Session& session, const std::string& path) {
  const auto pack = PackReader::Open(path);
  if (!pack.ok()) {  // what cannot be read is no input; what can is bad data
    const bool data = absl::IsInvalidArgument(pack.status()) || absl::IsDataLoss(pack.status());
    return data ? Annotate(pack.status(), path) : absl::NotFoundError(pack.status().message());
  }
  absl::StatusOr<Json::Object> json = Describe(*pack);
  if (!json.ok()) return BadData(path + ": " + std::string(json.status().message()));
  TOM_RETURN_IF_ERROR(session.PrintList(
      Canonical(Json(*std::move(json))), "",
      {"period", "profile", "controller", "files", "reports", "signer", "timestamp"}));
  return 0;
}

}  // namespace

Command pack_show_command() {
  return {{"pack", "show"},
          "what a pack says of itself; nothing of it is verified",
          "tomctl pack show october.asice --format json",
          [](CLI::App& app) -> CommandRunner {
            const auto path = std::make_shared<std::string>();
            app.add_option("pack", *path, "the pack")->required();
            return [path](Session& session) { return Run(session, *path); };
          }};
}

}  // namespace tom
