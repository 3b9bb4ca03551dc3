// A collector in the test's own process: judges chains, keeps a real Merkle ledger, answers with
// real checkpoints.
#ifndef TOM_AGENT_TESTING_COLLECTOR_H_
#define TOM_AGENT_TESTING_COLLECTOR_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/collector_client.h"
#include "evidence/checkpoint.h"
#include "evidence/keys.h"
#include "evidence/leaf.h"
#include "evidence/report.h"

namespace tom {

class FakeCollector : public ReportingClient {
 public:
  FakeCollector(std::string origin, const PublicKey& host_key);

  absl::StatusOr<SubmitAnswer> Submit(const Envelope& statement,
                                      const std::vector<std::string>& blobs) override;
  absl::Status PutBlob(const std::string& blob) override;
  absl::StatusOr<AnchorAnswer> GetAnchor(uint64_t held_size) override;
  absl::StatusOr<CatalogueAnswer> GetCatalogue(const std::optional<Digest>& held) override;

  std::string Note() const;  // signed, over the ledger as it stands
  const LogKey log_key() const { return {origin_, key_.public_key()}; }
  const std::map<Digest, Report>& statements() const { return statements_; }
  // Tips of every branch of the host: statements that none follows or continues.
  std::set<Digest> Tips() const;
  // The digests of each statement's heads, bodies, context and lists that never arrived.
  std::vector<std::string> Missing() const;
  void Forget();          // loses the ledger, as a restored backup would
  void RewriteHistory();  // as many leaves, others

  int unavailable_next = 0;        // so many calls fail first
  bool lose_replies = false;       // takes the statement, and the reply is lost
  std::set<uint64_t> refuse_seqs;  // rejected for good
  CatalogueAnswer catalogue;
  std::string token;  // given as the stamp's token
  int submits = 0;
  size_t largest_request = 0;

 private:
  absl::Status MaybeFail();
  Digest RootAt(uint64_t size) const;
  void Log(const Report& report, const Digest& digest);
  AckStatus Judge(const Report& report, const Digest& digest, SubmitAnswer& answer) const;

  std::string origin_;
  PrivateKey key_;
  PublicKey host_key_;
  std::map<Digest, Report> statements_;
  std::map<Digest, std::string> blobs_;
  std::vector<LeafBody> leaves_;
};

}  // namespace tom

#endif  // TOM_AGENT_TESTING_COLLECTOR_H_
