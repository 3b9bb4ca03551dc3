#include "agent/testing_collector.h"

#include <algorithm>

#include "evidence/limits.h"
#include "evidence/merkle.h"
#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

merkle::HashReader ReaderOf(const std::vector<LeafBody>& leaves) {
  return
      [&leaves](const std::vector<merkle::NodeId>& nodes) -> absl::StatusOr<std::vector<Digest>> {
        std::vector<Digest> hashes;
        for (const merkle::NodeId& node : nodes) {
          std::vector<Digest> level;
          const uint64_t first = node.index << node.level;
          for (uint64_t i = first; i < first + (uint64_t{1} << node.level); ++i) {
            level.push_back(merkle::LeafHash(LeafData(LeafBodyDigest(leaves[i]))));
          }
          while (level.size() > 1) {
            std::vector<Digest> above;
            for (size_t i = 0; i < level.size(); i += 2) {
              above.push_back(merkle::NodeHash(level[i], level[i + 1]));
            }
            level = above;
          }
          hashes.push_back(level[0]);
        }
        return hashes;
      };
}

}  // namespace

FakeCollector::FakeCollector(std::string origin, const PublicKey& host_key)
    : origin_(std::move(origin)),
      key_(PrivateKey::Generate(KeyKind::kEd25519).value()),
      host_key_(host_key) {}

absl::Status FakeCollector::MaybeFail() {
  if (unavailable_next == 0) return absl::OkStatus();
  --unavailable_next;
  return absl::UnavailableError("the collector is down");
}

AckStatus FakeCollector::Judge(const Report& report, const Digest& digest,
                               SubmitAnswer& answer) const {
  if (statements_.contains(digest)) return AckStatus::kDuplicate;
  if (refuse_seqs.contains(report.seq)) {
    answer.reason = "refused by the test";
    return AckStatus::kRejected;
  }
  if (report.prev && !statements_.contains(*report.prev)) return AckStatus::kHeld;
  for (const Digest& tip : report.continues) {
    if (statements_.contains(tip)) continue;
    answer.reason = "continues what never came";
    return AckStatus::kRejected;
  }
  for (const auto& [other, known] : statements_) {
    const bool rival = report.prev ? known.prev == report.prev
                                   : known.seq == 0 && known.continues == report.continues;
    if (!rival) continue;
    answer.other = other;
    return AckStatus::kFork;
  }
  return AckStatus::kAccepted;
}

absl::StatusOr<SubmitAnswer> FakeCollector::Submit(const Envelope& statement,
                                                   const std::vector<std::string>& blobs) {
  ++submits;
  absl::Status status = MaybeFail();
  if (!status.ok()) return status;
  size_t bytes = statement.payload.size();
  for (const std::string& blob : blobs) bytes += blob.size();
  largest_request = std::max(largest_request, bytes);
  status = VerifyEnvelope(statement, host_key_);
  if (!status.ok()) return status;
  const absl::StatusOr<Report> report = ParseReport(statement.payload);
  if (!report.ok()) return report.status();
  SubmitAnswer answer;
  answer.chain = report->chain;
  answer.seq = report->seq;
  answer.digest = statement.StatementDigest();
  answer.status = Judge(*report, answer.digest, answer);
  for (const std::string& blob : blobs) blobs_[Sha256(blob)] = blob;
  if (answer.status == AckStatus::kAccepted || answer.status == AckStatus::kFork) {
    Log(*report, answer.digest);
  }
  if (lose_replies) return absl::UnavailableError("the reply is lost");
  return answer;
}

void FakeCollector::Log(const Report& report, const Digest& digest) {
  statements_[digest] = report;
  LeafBody leaf;
  leaf.digest = digest;
  leaf.received_at = report.observed_at;
  leaf.host = report.host;
  leaf.chain = report.chain;
  leaf.seq = report.seq;
  leaf.salt = RandomId();
  leaves_.push_back(leaf);
}

absl::Status FakeCollector::PutBlob(const std::string& blob) {
  TOM_RETURN_IF_ERROR(MaybeFail());
  if (blob.size() > limits::kMaxReportBytes) return absl::ResourceExhaustedError("too large");
  blobs_[Sha256(blob)] = blob;
  return absl::OkStatus();
}

Digest FakeCollector::RootAt(uint64_t size) const {
  return size == 0 ? merkle::EmptyRoot() : merkle::RootAt(size, ReaderOf(leaves_)).value();
}

std::string FakeCollector::Note() const {
  return SignCheckpoint({origin_, leaves_.size(), RootAt(leaves_.size())}, key_).value();
}

absl::StatusOr<AnchorAnswer> FakeCollector::GetAnchor(uint64_t held_size) {
  const absl::Status status = MaybeFail();
  if (!status.ok()) return status;
  AnchorAnswer answer;
  answer.checkpoint = Note();
  answer.token = token;
  if (held_size > leaves_.size()) return answer;
  if (held_size > 0) {
    answer.consistency =
        merkle::ConsistencyProof(held_size, leaves_.size(), ReaderOf(leaves_)).value();
  }
  if (leaves_.empty()) return answer;
  const uint64_t last = leaves_.size() - 1;
  answer.receipt =
      ReceiptAnswer{leaves_[last].digest, last, Canonical(LeafBodyToJson(leaves_[last])),
                    merkle::InclusionProof(last, leaves_.size(), ReaderOf(leaves_)).value()};
  return answer;
}

absl::StatusOr<CatalogueAnswer> FakeCollector::GetCatalogue(const std::optional<Digest>& held) {
  const absl::Status status = MaybeFail();
  if (!status.ok()) return status;
  CatalogueAnswer answer = catalogue;
  answer.unchanged = held && *held == catalogue.statement.StatementDigest();
  return answer;
}

std::set<Digest> FakeCollector::Tips() const {
  std::set<Digest> tips;
  for (const auto& [digest, report] : statements_) tips.insert(digest);
  for (const auto& [digest, report] : statements_) {
    if (report.prev) tips.erase(*report.prev);
    for (const Digest& tip : report.continues) tips.erase(tip);
  }
  return tips;
}

std::vector<std::string> FakeCollector::Missing() const {
  std::vector<std::string> missing;
  const auto need = [&](const Digest& digest, const std::string& what) {
    if (!blobs_.contains(digest)) missing.push_back(what + " " + digest.Hex());
  };
  for (const auto& [unused, report] : statements_) {
    need(report.context, "context");
    for (const Digest& head : report.changed) {
      need(head, "head");
      const auto blob = blobs_.find(head);
      if (blob != blobs_.end()) need(ParseHead(blob->second).value().body, "body");
    }
    if (report.changed_blob) need(*report.changed_blob, "list");
  }
  return missing;
}

void FakeCollector::RewriteHistory() {
  for (LeafBody& leaf : leaves_) leaf.salt = RandomId();
}

void FakeCollector::Forget() {
  statements_.clear();
  leaves_.clear();
}

}  // namespace tom
