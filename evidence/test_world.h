// For tests alone: a small installation - operator, publisher, ledger, hosts - that makes honest
// evidence packs with real keys, certificates and proofs, in parts that a test can bend into lies.
// Time-stamps are a text of the test's own
// (`FakeStamp`), so that a test says when a checkpoint was stamped.
#ifndef TOM_EVIDENCE_TEST_WORLD_H_
#define TOM_EVIDENCE_TEST_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "evidence/bundle.h"
#include "evidence/catalogue.h"
#include "evidence/checkpoint.h"
#include "evidence/pack_judge.h"
#include "evidence/scope_statements.h"
#include "evidence/statement.h"
#include "evidence/test_pki.h"

namespace tom::test {

inline constexpr char kOrigin[] = "ledger.example.org/1";
inline constexpr UnixSeconds kStart = 1767225600;  // 2026-01-01T00:00:00Z

// A token that FakeVerify takes for a stamp at `time`.
std::string FakeStamp(UnixSeconds time, const std::string& note);
absl::StatusOr<TimeStamp> FakeVerify(std::string_view token, const Digest& imprint);

// Two host checks of one measure each: "tls" every hour with parameter minimum, "disk" every 24
// hours.
Catalogue SmallCatalogue(int64_t version = 1);
// Promises both measures, and scope-completeness.
Profile SmallProfile(const std::string& minimum = "TLSv1.2");

// The parts of a pack, before they are files.
struct Parts {
  PackFacts facts;
  ScopeChain scope;
  std::vector<Stamp> stamps;
  std::vector<HostBundle> bundles;
  std::map<Digest, std::string> blobs;
};

struct Logged {
  std::string payload;
  std::string signature;
  std::string keyid;
  size_t index = 0;
  Digest digest;
};

class World;

// A host with one chain; Fork copies it, keys and all.
class Host {
 public:
  Host(World& world, std::string id, std::string system);

  // One row of a check; its verdict holds until it is set anew. `subject` is short text.
  void Set(const std::string& check, const std::string& subject, Verdict verdict);
  void Remove(const std::string& check, const std::string& subject);
  // A cycle at the world's time; looks at groups (all when empty), signs, logs. `observed`
  // overrides the host's clock.
  void Look(std::vector<std::string> groups = {}, std::optional<UnixSeconds> observed = {});
  // A new chain that continues `tips` (its own tip when empty).
  void NewChain(std::vector<Digest> tips = {});
  // Later reports are made under this context.
  void SetContext(const Catalogue& catalogue, const Digest& published, const Profile& profile);
  void HandOver();
  Digest tip() const { return branch_ ? branch_->tip : Digest(); }

  struct Entry {
    Report report;
    Logged logged;
  };
  struct Run {
    std::string chain;
    std::optional<Digest> after;
    std::vector<Entry> entries;
  };

  std::string id;
  std::string system;
  std::optional<Branch> branch_;
  std::optional<PrivateKey> key;
  std::vector<Run> runs;             // this line's
  std::map<Digest, Head> all_heads;  // ever named
  std::map<Digest, std::string> bodies;
  std::vector<Logged> handovers;
  // Whose the rows are: of all subjects, and of single ones. Those of the parameters count from the
  // next SetContext on.
  std::vector<std::string> scope = {"shared"};
  std::map<std::string, std::vector<std::string>> scopes;
  std::vector<std::string> params_scope = {"shared"};
  std::map<std::string, std::string> reasons;  // by subject, in place of the verdict's name
  std::string configuration;                   // a piece of `scope`, where it is not empty
  // What a lie changes just before a report is signed.
  std::function<void(Report&)> bend;
  bool forked_ = false;

 private:
  struct Wanted {
    Verdict verdict = Verdict::kPass;
    UnixSeconds since = 0;
    Verdict last = Verdict::kPass;
    bool known = false;
  };
  Head HeadOf(const std::string& check, const std::string& subject, Wanted& wanted,
              UnixSeconds observed);

  std::map<RowKey, Head> LookAt(const std::vector<std::string>& groups, Report& report);
  void KeepOthers(const std::vector<std::string>& groups, bool all, Report& report,
                  std::map<RowKey, Head>& next);
  void Log(const Report& report);

  World* world_;
  std::string salt_key_ = "salt";
  std::map<std::pair<std::string, std::string>, Wanted> rows_;
  std::map<RowKey, Head> standing_;
  Context context_;
  Digest context_digest_;
  std::map<std::string, Digest> params_;
  std::map<std::string, Digest> check_digests_;
  std::string chain_;
  std::vector<Digest> continues_;
  uint64_t seq_ = 0;
};

class World {
 public:
  World();

  UnixSeconds now = kStart;
  std::vector<std::string> controllers = {"shared"};  // of later authorisations
  // What stamps checkpoints; tests of whole packs put a real authority here.
  std::function<std::string(UnixSeconds time, const std::string& note)> make_stamp = FakeStamp;
  // Scope statements; each gives the statement's digest.
  Digest Scope(Kind kind, Json predicate, const TestPki::Identity& signer);
  Digest Authorise(const std::string& systems, int64_t uses = 100,
                   UnixSeconds expires = kForever / 2);
  Digest Enrol(Host& host, const Digest& authorisation);
  Digest ListSystems(const std::vector<std::string>& systems,
                     UnixSeconds since = kStart - 400 * kDay);
  Digest PutProfile(const Profile& profile);
  Digest PutLabel(const std::string& host, const std::vector<std::string>& whose) {
    return Scope(Kind::kLabel, ToPredicate(Label{Common(&op), host, whose, {}}), op);
  }
  Digest Publish(
      const Catalogue& catalogue);  // statement and version; gives the publisher's statement
  // A tick, a checkpoint and a stamp at `now`.
  void StampNow();
  // Every hour from now to `to`: `hosts` look, a stamp every 8 hours.
  void Run(UnixSeconds to, const std::vector<Host*>& hosts);

  StatementCommon Common(const TestPki::Identity* signer = nullptr);
  size_t Append(LeafBody body);
  std::optional<Anchor> anchor() const { return anchor_; }
  // For reports that go into another ledger than this world's own.
  void SetAnchor(const Anchor& anchor) { anchor_ = anchor; }
  Digest Blob(const std::string& bytes);
  const std::string& BytesOf(const Digest& digest) const { return blobs_.at(digest); }

  // The pack of all there is; figures computed, so that an honest pack verifies.
  Parts Build(UnixSeconds from, UnixSeconds to, const std::vector<Host*>& hosts);
  EvidenceTrust Trust() const {
    return {pki.ca().der, LogKey{kOrigin, log_key.public_key()}, publisher.der, {}};
  }
  ProvenLeaf Prove(size_t index) const;

  TestPki& pki;
  TestPki::Identity op;
  TestPki::Identity publisher;
  PrivateKey log_key;

 private:
  std::vector<LeafBody> leaves_;
  struct ScopeLeaf {
    Logged logged;
    bool catalogue;
  };
  std::vector<ScopeLeaf> scope_;
  std::optional<Digest> scope_prev_;
  struct Checkpointed {
    uint64_t size;
    Stamp stamp;
  };
  std::vector<Checkpointed> stamps_;
  std::optional<Anchor> anchor_;
  std::map<Digest, std::string> blobs_;
};

std::map<std::string, std::string> Files(const Parts& parts);
JudgedEvidence JudgeParts(const Parts& parts, const EvidenceTrust& trust, bool compare = true);
// "" or the detail of the claim when it is in `state`.
std::string StateOf(const JudgedEvidence& judged, std::string_view claim);

inline constexpr char kHostId[] = "0123456789abcdef0123456789abcdef";

// One good host, an hour between looks, stamped every eight hours; the period is five of its seven
// days.
struct Story {
  World world;
  Host host{world, kHostId, "web-1"};
  Digest published;
  UnixSeconds from = kStart + kDay;
  UnixSeconds to = kStart + 6 * kDay;

  explicit Story(const Profile& profile = SmallProfile(),
                 const std::vector<std::string>& controllers = {"shared"});
  void Run(UnixSeconds until) { world.Run(until, {&host}); }
  void RunAll() { Run(kStart + 7 * kDay + 1); }
  Parts Build() { return world.Build(from, to, {&host}); }
  JudgedEvidence Judge(const Parts& parts) { return JudgeParts(parts, world.Trust()); }
};

// The measure of the roll-up; an empty one where there is none.
const MeasureResult& Measure(const JudgedEvidence& judged, std::string_view id);
std::string Status(const JudgedEvidence& judged, std::string_view id);

}  // namespace tom::test

#endif  // TOM_EVIDENCE_TEST_WORLD_H_
