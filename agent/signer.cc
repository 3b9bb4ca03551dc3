#include "agent/signer.h"

#include <algorithm>

#include "agent/state_file.h"
#include "evidence/canonical_json.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxLostBytes = 4 << 10;
constexpr uint64_t kStatementSlack = 4 << 10;  // signature, lengths, header

std::string LostPath(const StateDir& state) { return state.File("lost.json"); }

std::optional<Digest> TipOf(const Spool& spool) {
  return spool.state() ? std::optional(spool.state()->tip) : std::nullopt;
}

// One more cycle that is not signed. The file names the statement it follows, so that it ends by
// itself with the next one.
absl::Status CountLost(const StateDir& state, const Look& look, const std::optional<Digest>& tip) {
  TOM_ASSIGN_OR_RETURN(std::optional<Lost> lost, LoadLost(state, tip));
  if (!lost) lost = Lost{0, look.observed_at, look.observed_at};
  Json::Object json{{"cycles", lost->cycles + 1},
                    {"from", FormatUtc(std::min(lost->from, look.observed_at))},
                    {"to", FormatUtc(std::max(lost->to, look.observed_at))}};
  if (tip) json["after"] = tip->Hex();
  return WriteAtomic(LostPath(state), Canonical(json));
}

absl::StatusOr<BuiltReport> BuildOnChain(const SigningInput& input, const Spool& spool,
                                         ReportBasis& basis) {
  if (!basis.fresh) {
    absl::StatusOr<BuiltReport> built = BuildReport(input.host, input.context, input.look, basis);
    if (!absl::IsResourceExhausted(built.status())) return built;
  }
  basis.fresh = NewChain{HexEncode(RandomBytes(8)), spool.Tips()};
  absl::StatusOr<BuiltReport> built = BuildReport(input.host, input.context, input.look, basis);
  // After a fork the old chain may go on until a look at every group can begin the new one.
  const bool may_go_on = spool.state() && !spool.notes().restart;
  if (!absl::IsFailedPrecondition(built.status()) || !may_go_on) return built;
  basis.fresh.reset();
  return BuildReport(input.host, input.context, input.look, basis);
}

// Never smaller than the predecessor's, whose token the collector has.
void ChooseAnchor(const SigningInput& input, const Spool& spool, ReportBasis& basis) {
  basis.anchor = input.anchor;
  if (!spool.state() || !spool.state()->anchor) return;
  if (!basis.anchor || basis.anchor->size < spool.state()->anchor->size) {
    basis.anchor = spool.state()->anchor;
  }
}

bool TokenIsNew(const ReportBasis& basis, const Spool& spool) {
  if (!basis.anchor) return false;
  return basis.fresh || !spool.state() || spool.state()->anchor != basis.anchor;
}

uint64_t BytesOf(const std::string& payload, const std::vector<std::string>& blobs) {
  uint64_t bytes = payload.size() + kStatementSlack;
  for (const std::string& blob : blobs) bytes += blob.size() + 4;
  return bytes;
}

}  // namespace

absl::StatusOr<std::optional<Lost>> LoadLost(const StateDir& state,
                                             const std::optional<Digest>& tip) {
  const absl::StatusOr<std::string> bytes = ReadStateFile(LostPath(state), kMaxLostBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<Lost>();
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<Json> json = ParseCanonical(*bytes);
  if (!json.ok()) return Annotate(json.status(), LostPath(state));
  FieldReader fields(*json, LostPath(state));
  const std::optional<Digest> after =
      fields.Has("after") ? std::optional(fields.DigestOf("after")) : std::nullopt;
  Lost lost;
  lost.cycles = fields.Integer("cycles", 1);
  lost.from = fields.Time("from");
  lost.to = fields.Time("to");
  TOM_RETURN_IF_ERROR(fields.Finish());
  return after == tip ? std::optional(lost) : std::nullopt;
}

absl::StatusOr<SignedLook> SignLook(const StateDir& state, const SigningInput& input,
                                    Spool& spool) {
  ReportBasis basis{input.facts.ledger, input.facts.host, nullptr, {}, {}, {}, spool.SinceBound()};
  if (spool.state()) basis.previous = &*spool.state();
  if (spool.NeedsNewChain()) basis.fresh = NewChain{HexEncode(RandomBytes(8)), spool.Tips()};
  ChooseAnchor(input, spool, basis);
  TOM_ASSIGN_OR_RETURN(basis.lost, LoadLost(state, TipOf(spool)));
  absl::StatusOr<BuiltReport> on_chain = BuildOnChain(input, spool, basis);
  if (absl::IsResourceExhausted(on_chain.status())) {
    TOM_RETURN_IF_ERROR(CountLost(state, input.look, TipOf(spool)));
    return SignedLook{std::nullopt, true};
  }
  TOM_ASSIGN_OR_RETURN(BuiltReport built, std::move(on_chain));
  if (TokenIsNew(basis, spool) && Sha256(input.anchor_token) == basis.anchor->token) {
    built.blobs.push_back(input.anchor_token);
  }
  std::string payload = EncodeReport(built.report);
  const bool too_full = built.report.IsHeartbeat() && !spool.AllowsHeartbeat();
  if (too_full || !spool.Fits(BytesOf(payload, built.blobs))) {
    TOM_RETURN_IF_ERROR(CountLost(state, input.look, TipOf(spool)));
    return SignedLook();
  }
  TOM_ASSIGN_OR_RETURN(const Envelope envelope, SignEnvelope(std::move(payload), input.identity));
  TOM_RETURN_IF_ERROR(spool.Append(envelope, built.blobs));
  return SignedLook{
      SignedReport{envelope.StatementDigest(), std::move(built.report), basis.fresh.has_value()}};
}

}  // namespace tom
