#include "collector/ingest/report_ingest.h"

#include <algorithm>

#include "collector/ingest/report_rows.h"
#include "collector/ledger/anchoring.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxContexts = 256;
constexpr size_t kMaxKeys = 20'000;  // kept read
constexpr size_t kMaxHeld = 10'000;
constexpr uint32_t kHeldRetrySeconds = 30;

using Heads = std::map<Digest, Head>;

absl::Status AddHead(const StoreView& view, BlobSet& blobs, const Digest& digest, Heads& heads) {
  TOM_ASSIGN_OR_RETURN(const std::string bytes, blobs.Need(view, digest));
  const absl::StatusOr<Head> head = ParseHead(bytes);
  if (!head.ok()) return Annotate(head.status(), "head " + digest.Hex());
  heads.emplace(digest, *head);
  return absl::OkStatus();
}

absl::StatusOr<Heads> HeadsOf(const StoreView& view, int64_t branch, uint64_t seq) {
  Heads heads;
  BlobSet none;
  TOM_ASSIGN_OR_RETURN(const std::vector<Digest> digests, view.HeadsAt(branch, seq));
  for (const Digest& digest : digests) TOM_RETURN_IF_ERROR(AddHead(view, none, digest, heads));
  return heads;
}

// The same for a tip, from the intervals that stand: no replay of the chain.
absl::StatusOr<Heads> HeadsAtTip(const StoreView& view, int64_t branch) {
  Heads heads;
  BlobSet none;
  TOM_ASSIGN_OR_RETURN(const std::vector<IntervalRow> rows, view.OpenIntervals(branch));
  for (const IntervalRow& row : rows) {
    TOM_RETURN_IF_ERROR(AddHead(view, none, row.interval.head, heads));
  }
  return heads;
}

// A problem of the bytes is the statement's own fault and final; anything else may pass.
bool IsFinal(const absl::Status& status) { return absl::IsInvalidArgument(status); }

}  // namespace

struct ReportIngest::Submission {
  std::string host_id;
  const Envelope* envelope = nullptr;
  BlobSet blobs;
  int64_t bytes = 0;
  HostRow host;
  tom::Report report;
  ReportPlace place;
  AckResult ack;
  absl::Status refused;  // to be tried again
};

absl::StatusOr<AckResult> ReportIngest::Submit(const std::string& host, const Envelope& envelope,
                                               std::vector<std::string> blobs) {
  Submission submission;
  submission.host_id = host;
  submission.envelope = &envelope;
  submission.bytes = static_cast<int64_t>(envelope.payload.size() + envelope.signature.size());
  for (const std::string& blob : blobs) submission.bytes += static_cast<int64_t>(blob.size());
  submission.blobs = BlobSet(std::move(blobs));
  submission.ack.digest = envelope.StatementDigest();
  const auto load = [&](const StoreView& view) -> absl::Status {
    TOM_ASSIGN_OR_RETURN(submission.host, view.Host(host));
    return absl::OkStatus();
  };
  const absl::Status known = store_.Read(load);
  if (absl::IsNotFound(known)) return absl::PermissionDeniedError("host: not enrolled");
  if (!known.ok()) return known;
  // Signature first, over the received bytes; only then is anything parsed.
  TOM_ASSIGN_OR_RETURN(const PublicKey key, KeyOf(submission.host.identity_spki));
  const absl::Status verified = VerifyEnvelope(envelope, key);
  if (!verified.ok()) {
    submission.ack.reason = "signature: not by the host's enrolled identity key";
    return submission.ack;
  }
  absl::StatusOr<tom::Report> report = ParseReport(envelope.payload);
  if (!report.ok()) {
    submission.ack.reason = std::string(report.status().message());
    return submission.ack;
  }
  submission.report = *std::move(report);
  submission.ack.chain = submission.report.chain;
  submission.ack.seq = submission.report.seq;
  TOM_RETURN_IF_ERROR(
      sequencer_.Run([&](LedgerWriter& ledger) { return Judge(ledger, submission); }));
  if (!submission.refused.ok()) return submission.refused;
  return submission.ack;
}

// OpenSSL takes longer to read a key than to verify with it.
absl::StatusOr<PublicKey> ReportIngest::KeyOf(const std::string& spki) {
  {
    const std::lock_guard<std::mutex> lock(keys_mutex_);
    if (const auto known = keys_.find(spki); known != keys_.end()) return known->second;
  }
  TOM_ASSIGN_OR_RETURN(PublicKey key, PublicKey::FromSpki(spki));
  const std::lock_guard<std::mutex> lock(keys_mutex_);
  if (keys_.size() >= kMaxKeys) keys_.clear();
  keys_.emplace(spki, key);
  return key;
}

absl::Status ReportIngest::Judge(LedgerWriter& ledger, Submission& submission) {
  TOM_ASSIGN_OR_RETURN(submission.host, ledger.store().Host(submission.host_id));
  if (submission.host.retired_leaf) return absl::PermissionDeniedError("host: retired");
  const tom::Report& report = submission.report;
  if (report.host != submission.host_id) {
    return Refuse(ledger, submission, "predicate.host: not the caller's");
  }
  if (report.ledger != sequencer_.origin()) {
    return Refuse(ledger, submission, "predicate.ledger: another ledger's");
  }
  TOM_ASSIGN_OR_RETURN(submission.place, FindPlace(ledger.store(), report, submission.ack.digest));
  if (submission.place.place == Place::kDuplicate) {
    submission.ack.status = AckStatus::kDuplicate;
    return absl::OkStatus();
  }
  if (submission.place.place == Place::kUnknown) return Hold(ledger, submission);
  absl::Status judged = ledger.store().Part([&] { return JudgeInPlace(ledger, submission); });
  if (judged.ok()) return absl::OkStatus();
  if (IsFinal(judged)) return Refuse(ledger, submission, std::string(judged.message()));
  if (!absl::IsResourceExhausted(judged)) return judged;
  submission.refused = judged;  // the notice must be written although the report is not
  return ledger.store().AddNotice({"budget", submission.host_id,
                                   std::to_string(ledger.received_at() / kDay),
                                   ledger.received_at(), std::string(judged.message())});
}

// What the report is judged against. Holds what `input` points to, so it stays where it is.
struct ReportIngest::Ground {
  Branch before;
  Heads current;
  Heads changed;
  std::vector<Digest> list;  // behind changed_blob
  std::vector<Heads> continued;
  std::shared_ptr<const KnownContext> context;
  ReplayInput input;
};

absl::Status ReportIngest::GatherBefore(const StoreView& view, const Submission& submission,
                                        Ground& ground) {
  const tom::Report& report = submission.report;
  const ReportPlace& place = submission.place;
  for (const BranchRow& old : place.branches) {
    if (!std::binary_search(report.continues.begin(), report.continues.end(), old.tip.tip)) {
      continue;
    }
    TOM_ASSIGN_OR_RETURN(Heads heads, HeadsAtTip(view, old.id));
    ground.continued.push_back(std::move(heads));
  }
  for (const Heads& heads : ground.continued) ground.input.continued.push_back(&heads);
  if (!report.prev) return absl::OkStatus();
  const int64_t branch = place.branch->id;
  const bool at_tip = place.place == Place::kExtends;
  ground.before = place.branch->tip;
  if (!at_tip) {
    TOM_ASSIGN_OR_RETURN(ground.before, view.BranchAt(branch, report.seq - 1));
  }
  ground.input.before = &ground.before;
  if (report.IsHeartbeat() && ground.before.context == report.context) return absl::OkStatus();
  TOM_ASSIGN_OR_RETURN(ground.current,
                       at_tip ? HeadsAtTip(view, branch) : HeadsOf(view, branch, report.seq - 1));
  return absl::OkStatus();
}

absl::Status ReportIngest::GatherChanged(const StoreView& view, Submission& submission,
                                         Ground& ground) {
  const tom::Report& report = submission.report;
  if (report.changed_blob) {
    TOM_ASSIGN_OR_RETURN(const std::string bytes,
                         submission.blobs.Need(view, *report.changed_blob));
    TOM_ASSIGN_OR_RETURN(ground.list, ParseDigestList(bytes));
  }
  for (const Digest& digest : report.changed_blob ? ground.list : report.changed) {
    TOM_RETURN_IF_ERROR(AddHead(view, submission.blobs, digest, ground.changed));
    TOM_RETURN_IF_ERROR(submission.blobs.Have(view, ground.changed.at(digest).body));
  }
  ground.input.current = &ground.current;
  ground.input.changed_list = &ground.list;
  ground.input.lookup = [&changed = ground.changed](const Digest& digest) {
    const auto found = changed.find(digest);
    return found == changed.end() ? nullptr : &found->second;
  };
  return absl::OkStatus();
}

absl::Status ReportIngest::JudgeInPlace(LedgerWriter& ledger, Submission& submission) {
  StoreTransaction& store = ledger.store();
  const tom::Report& report = submission.report;
  Ground ground;
  ReplayInput& input = ground.input;
  input.report = &report;
  input.digest = submission.ack.digest;
  TOM_ASSIGN_OR_RETURN(ground.context, ContextOf(store, submission.blobs, report.context));
  input.context = &ground.context->context;
  input.demanded = ground.context->demanded;
  TOM_RETURN_IF_ERROR(GatherBefore(store, submission, ground));
  TOM_RETURN_IF_ERROR(GatherChanged(store, submission, ground));
  TOM_ASSIGN_OR_RETURN(input.time.not_before, StampTimeOf(store, report.anchor));
  input.time.received_at = ledger.received_at();
  input.anchor_max_seconds = limits::kDefaultAnchorMaxSeconds;
  TOM_ASSIGN_OR_RETURN(const ReplayStep step, ApplyReport(input));
  if (report.prev) {
    const auto opened = static_cast<int64_t>(step.opened.size());
    const auto closed = static_cast<int64_t>(step.closed.size());
    TOM_RETURN_IF_ERROR(SpendBudget(ledger, submission.host, submission.bytes,
                                    std::max<int64_t>(0, opened - closed)));
  }
  return Accept(ledger, submission, ground, step);
}

absl::Status ReportIngest::Accept(LedgerWriter& ledger, Submission& submission,
                                  const Ground& ground, const ReplayStep& step) {
  const tom::Report& report = submission.report;
  AcceptedReport accepted;
  accepted.host = &submission.host;
  accepted.place = &submission.place;
  accepted.report = &report;
  accepted.before = ground.input.before;
  accepted.step = &step;
  accepted.payload = submission.envelope->payload;
  accepted.signature = submission.envelope->signature;
  accepted.digest = submission.ack.digest;
  TOM_RETURN_IF_ERROR(submission.blobs.Store(ledger.store()));
  TOM_RETURN_IF_ERROR(WriteReport(ledger, accepted));
  submission.ack.status = AckStatus::kAccepted;
  if (submission.place.place != Place::kForks) return absl::OkStatus();
  submission.ack.status = AckStatus::kFork;
  submission.ack.other = submission.place.branch->tip.tip.Hex();
  const std::string detail = "chain " + report.chain + " has two statements of seq " +
                             std::to_string(report.seq) + "; the other branch ends at " +
                             submission.ack.other;
  return ledger.store().AddNotice(
      {"fork", report.host, submission.ack.digest.Hex(), ledger.received_at(), detail});
}

absl::Status ReportIngest::Hold(LedgerWriter& ledger, Submission& submission) {
  const UnixSeconds now = sequencer_.Now();
  UnixSeconds first = now;
  {
    const std::lock_guard<std::mutex> lock(held_mutex_);
    if (held_.size() >= kMaxHeld) {
      std::erase_if(held_, [now](const auto& held) { return held.second < now - kHour; });
    }
    if (held_.size() >= kMaxHeld) return absl::UnavailableError("too many reports are held");
    first = held_.emplace(submission.ack.digest, now).first->second;
  }
  const std::string prev = submission.report.prev->Hex();
  if (now - first < limits::kHeldSeconds) {
    submission.ack.status = AckStatus::kHeld;
    submission.ack.reason = "predicate.prev: " + prev + " has not come yet";
    submission.ack.retry_after_seconds = kHeldRetrySeconds;
    return absl::OkStatus();
  }
  submission.ack.status = AckStatus::kRejected;
  submission.ack.reason = "gap: " + prev + " never came";
  return ledger.store().AddNotice({"gap", submission.host_id, prev, ledger.received_at(),
                                   "chain " + submission.report.chain + " before seq " +
                                       std::to_string(submission.report.seq) + ": " + prev +
                                       " never came"});
}

absl::Status ReportIngest::Refuse(LedgerWriter& ledger, Submission& submission,
                                  std::string reason) {
  submission.ack.status = AckStatus::kRejected;
  submission.ack.reason = reason;
  return ledger.store().AddNotice({"rejected", submission.host_id, submission.ack.digest.Hex(),
                                   ledger.received_at(), std::move(reason)});
}

absl::StatusOr<std::shared_ptr<const KnownContext>> ReportIngest::ContextOf(const StoreView& view,
                                                                            BlobSet& blobs,
                                                                            const Digest& digest) {
  TOM_RETURN_IF_ERROR(blobs.Have(view, digest));
  {
    const std::lock_guard<std::mutex> lock(contexts_mutex_);
    const auto known = contexts_.find(digest);
    if (known != contexts_.end()) {
      for (const ContextPiece& piece : known->second->context.pieces) {
        TOM_RETURN_IF_ERROR(blobs.Have(view, piece.digest));
      }
      return known->second;
    }
  }
  auto fresh = std::make_shared<KnownContext>();
  TOM_ASSIGN_OR_RETURN(const std::string bytes, blobs.Need(view, digest));
  TOM_ASSIGN_OR_RETURN(fresh->context, ParseContext(bytes));
  for (const ContextPiece& piece : fresh->context.pieces) {
    TOM_ASSIGN_OR_RETURN(const std::string piece_bytes, blobs.Need(view, piece.digest));
    if (piece.kind != "params") continue;
    TOM_ASSIGN_OR_RETURN(const ParamsPiece params, ParseParamsPiece(piece_bytes));
    fresh->demanded.emplace_back(params.check, params.params);
  }
  const std::lock_guard<std::mutex> lock(contexts_mutex_);
  if (contexts_.size() >= kMaxContexts) contexts_.erase(contexts_.begin());
  contexts_[digest] = fresh;
  return std::shared_ptr<const KnownContext>(fresh);
}

absl::StatusOr<Digest> ReportIngest::PutBlob(const std::string& host, const std::string& data) {
  const absl::Status stored = sequencer_.Run([&](LedgerWriter& ledger) -> absl::Status {
    const absl::StatusOr<HostRow> row = ledger.store().Host(host);
    if (!row.ok() || row->retired_leaf) return absl::PermissionDeniedError("host: not enrolled");
    TOM_RETURN_IF_ERROR(SpendBudget(ledger, *row, static_cast<int64_t>(data.size()), 0));
    return ledger.store().AddBlob(data);
  });
  if (!stored.ok()) return stored;
  return Sha256(data);
}

}  // namespace tom
