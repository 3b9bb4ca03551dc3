#include "tests/e2e/kill_collector/verify_store.h"

#include <map>

#include "collector/store/sqlite_store.h"
#include "evidence/checkpoint.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

struct Leaves {
  std::map<uint64_t, Digest> hashes;
  std::set<Digest> digests;

  absl::Status Add(uint64_t index, const LeafBody& body) {
    const Digest hash = merkle::LeafHash(LeafData(LeafBodyDigest(body)));
    if (!hashes.emplace(index, hash).second) return absl::DataLossError("a leaf is used twice");
    digests.insert(body.digest);
    return absl::OkStatus();
  }
};

absl::Status ReadReports(const StoreView& view, Leaves& leaves, StoreFacts& facts) {
  TOM_ASSIGN_OR_RETURN(const std::vector<HostRow> hosts, view.Hosts());
  for (const HostRow& host : hosts) {
    TOM_ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromSpki(host.identity_spki));
    TOM_ASSIGN_OR_RETURN(const std::vector<BranchRow> branches, view.Branches(host.host));
    for (const BranchRow& branch : branches) {
      uint64_t next = branch.from_seq;
      const auto visit = [&](const StoredReport& report) -> absl::Status {
        if (report.report.seq != next++) return absl::DataLossError("a report is missing");
        TOM_RETURN_IF_ERROR(VerifyEnvelope({report.payload, report.signature, ""}, key));
        ++facts.reports;
        return leaves.Add(report.leaf, report.leaf_body);
      };
      TOM_RETURN_IF_ERROR(view.VisitReports(branch.id, 0, UINT64_MAX, visit));
    }
  }
  return absl::OkStatus();
}

// The recursive definition of RFC 6962 section 2.1, over leaf hashes: not the code under test.
Digest Root(const std::vector<Digest>& leaves, size_t from, size_t to) {
  if (to - from == 1) return leaves[from];
  size_t split = 1;
  while (split * 2 < to - from) split *= 2;
  return merkle::NodeHash(Root(leaves, from, from + split), Root(leaves, from + split, to));
}

absl::Status CheckHead(const StoreView& view, const Trust& trust, const Leaves& leaves,
                       StoreFacts& facts) {
  TOM_ASSIGN_OR_RETURN(const LedgerHead head, view.Head());
  TOM_ASSIGN_OR_RETURN(const LogKey key, ParseVkey(trust.log_vkey));
  TOM_ASSIGN_OR_RETURN(const Checkpoint checkpoint, VerifyCheckpoint(head.note, key));
  std::vector<Digest> hashes;
  for (const auto& [index, hash] : leaves.hashes) {
    if (index != hashes.size()) return absl::DataLossError("a leaf is missing");
    hashes.push_back(hash);
  }
  facts.ledger_size = hashes.size();
  if (checkpoint.size != hashes.size()) return absl::DataLossError("the checkpoint's size is off");
  if (checkpoint.root == Root(hashes, 0, hashes.size())) return absl::OkStatus();
  return absl::DataLossError("the checkpoint's root is not that of its leaves");
}

}  // namespace

absl::StatusOr<StoreFacts> VerifyStore(const std::string& path, const Trust& trust,
                                       const std::set<Digest>& acknowledged) {
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, OpenSqliteStore(path));
  StoreFacts facts;
  const auto work = [&](const StoreView& view) -> absl::Status {
    Leaves leaves;
    TOM_RETURN_IF_ERROR(ReadReports(view, leaves, facts));
    const auto visit = [&](const StoredStatement& statement) {
      ++facts.statements;
      return leaves.Add(statement.leaf, statement.leaf_body);
    };
    TOM_RETURN_IF_ERROR(view.VisitStatements(0, UINT64_MAX, visit));
    TOM_RETURN_IF_ERROR(CheckHead(view, trust, leaves, facts));
    for (const Digest& digest : acknowledged) {
      if (leaves.digests.contains(digest)) continue;
      return absl::DataLossError("acknowledged and lost: " + digest.Hex());
    }
    return absl::OkStatus();
  };
  const absl::Status status = store->Read(work);
  if (!status.ok()) return status;
  return facts;
}

}  // namespace tom
