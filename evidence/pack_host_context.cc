#include <algorithm>

#include "evidence/pack_host.h"
#include "evidence/status_text.h"

namespace tom {

absl::StatusOr<const PackHost::KnownContext*> PackHost::ContextOf(const Digest& digest) {
  auto& known = contexts_[digest];
  if (known != nullptr) return known.get();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, ReadBlob(read_, digest));
  auto read = std::make_unique<KnownContext>();
  TOM_ASSIGN_OR_RETURN(read->context, ParseContext(bytes));
  TOM_RETURN_IF_ERROR(ReadPieces(*read));
  const auto catalogue = scope_.published.find(read->context.catalogue);
  if (catalogue != scope_.published.end()) read->catalogue = &catalogue->second;
  CheckGroups(*read);
  known = std::move(read);
  return known.get();
}

absl::Status PackHost::ReadPieces(KnownContext& known) {
  for (const ContextPiece& piece : known.context.pieces) {
    TOM_RETURN_IF_ERROR(ReadPiece(piece, known));
  }
  return absl::OkStatus();
}

// Replay needs the sets of parameters, or to know that they are another controller's; what other
// pieces say is for people.
absl::Status PackHost::ReadPiece(const ContextPiece& piece, KnownContext& known) {
  const auto bytes = ReadBlob(read_, piece.digest);
  if (!bytes.ok() && !absl::IsNotFound(bytes.status())) return bytes.status();
  if (seen_pieces_.insert(piece.digest).second) {
    bodies_.Count("context pieces", piece.scope, bytes.ok(), "host " + enrolled_.host);
  }
  if (piece.kind != "params") return absl::OkStatus();
  if (!bytes.ok()) {
    if (!bodies_.MayWithhold(piece.scope)) return bytes.status();
    ++known.withheld;
    return absl::OkStatus();
  }
  TOM_ASSIGN_OR_RETURN(ParamsPiece params, ParseParamsPiece(*bytes));
  known.demanded.emplace_back(params.check, params.params);
  const Digest key = ParamsKey(params.check, params.params);
  params_.insert_or_assign(key, std::move(params));
  return absl::OkStatus();
}

// What ran is what the publisher signed: checks by their digests, each in the group that its
// interval says. Site checks are the site's own, and satisfy no measure.
void PackHost::CheckGroups(const KnownContext& known) {
  if (known.catalogue == nullptr) {
    sheet_.Unprove("catalogue-known", "a catalogue that hosts ran is not in the pack",
                   enrolled_.host);
    return;
  }
  for (const auto& [interval, ids] : known.context.groups) {
    for (const std::string& id : ids) {
      const auto check = known.catalogue->checks.find(id);
      const bool fits = check != known.catalogue->checks.end() ? check->second.interval == interval
                                                               : id.compare(0, 5, "site/") == 0;
      if (fits) continue;
      sheet_.Disprove("catalogue-known", id + " in group " + interval + " is not the catalogue's",
                      enrolled_.host);
    }
  }
}

void PackHost::CheckTexts(const KnownContext& known, const std::vector<Head>& heads) {
  if (known.catalogue == nullptr) return;
  for (const Head& head : heads) {
    const auto check = known.catalogue->checks.find(head.check);
    if (check == known.catalogue->checks.end()) continue;
    if (check->second.digest == head.check_digest) continue;
    sheet_.Disprove("catalogue-known", head.check + " was run with another text than published",
                    enrolled_.host);
  }
}

}  // namespace tom
