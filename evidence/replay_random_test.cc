// Random histories: what ingest computes report by report is what the verifier computes from
// bundles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "evidence/intervals.h"
#include "evidence/test_world.h"

namespace tom::test {
namespace {

using testing::StartsWith;

struct Random {
  std::mt19937 engine;
  unsigned Below(unsigned bound) { return engine() % bound; }
};

// Three days of random verdicts, subjects, pauses, clocks and new chains.
void Live(Story& story, Random& random) {
  static constexpr std::array kVerdicts = {Verdict::kPass, Verdict::kFail, Verdict::kUnknown,
                                           Verdict::kNotApplicable};
  World& world = story.world;
  for (; world.now < kStart + 3 * kDay; world.now += 600 + random.Below(3000)) {
    if (random.Below(6) == 0) world.StampNow();
    if (random.Below(8) == 0) continue;
    const std::string check = random.Below(2) == 0 ? "tls" : "disk";
    const std::string subject = "s" + std::to_string(random.Below(4));
    if (random.Below(3) == 0) story.host.Set(check, subject, kVerdicts.at(random.Below(4)));
    if (random.Below(9) == 0) story.host.Remove(check, subject);
    if (random.Below(15) == 0 && story.host.branch_) story.host.NewChain();
    const bool both = check == "disk" || random.Below(3) == 0;
    const int64_t skew =
        random.Below(10) == 0 ? static_cast<int64_t>(random.Below(7200)) - 3600 : 0;
    story.host.Look(both ? std::vector<std::string>{} : std::vector<std::string>{"1h"},
                    world.now + skew);
  }
  world.StampNow();
}

// As ingest does, once the stamps are known: one line of statements, each with its own leaf.
class StepByStep {
 public:
  StepByStep(const Story& story, const Parts& parts) : story_(story), parts_(parts) {
    for (const Stamp& stamp : parts.stamps) {
      const auto checkpoint = VerifyCheckpoint(stamp.note, *story.world.Trust().log_key).value();
      const auto time = FakeVerify(stamp.token, Sha256(*NoteText(stamp.note))).value().time;
      stamps_[checkpoint.size] = time;
    }
    for (const ProvenLeaf& leaf : parts.bundles[0].leaves) proven_[leaf.body.digest] = leaf.body;
  }

  void Run() {
    std::optional<Branch> branch;
    std::map<Digest, Head> heads;
    for (const Host::Run& run : story_.host.runs) {
      const std::map<Digest, Head> continued = heads;
      if (!run.after) heads.clear(), branch.reset();
      for (const Host::Entry& entry : run.entries) {
        ReplayInput input;
        input.before = branch ? &*branch : nullptr;
        input.report = &entry.report;
        input.digest = entry.logged.digest;
        const Context context = ParseContext(parts_.blobs.at(entry.report.context)).value();
        input.context = &context;
        for (const ContextPiece& piece : context.pieces) {
          const auto params = ParseParamsPiece(parts_.blobs.at(piece.digest)).value();
          input.demanded.emplace_back(params.check, params.params);
        }
        input.current = &heads;
        input.lookup = [&](const Digest& digest) { return &story_.host.all_heads.at(digest); };
        if (!branch) input.continued = {&continued};
        input.time = Facts(entry);
        input.anchor_max_seconds = 48 * kHour;
        const auto step = ApplyReport(input);
        ASSERT_TRUE(step.ok()) << step.status();
        for (const Head& head : step->closed) heads.erase(HeadDigest(head));
        for (const Head& head : step->opened) heads[HeadDigest(head)] = head;
        branch = step->branch;
        ASSERT_TRUE(builder.Add(*step, entry.report.prev, entry.report.continues));
      }
    }
  }

  IntervalBuilder builder;

 private:
  TimeFacts Facts(const Host::Entry& entry) const {
    TimeFacts facts;
    if (entry.report.anchor) facts.not_before = stamps_.at(entry.report.anchor->size);
    const auto over = stamps_.upper_bound(entry.logged.index);
    if (over != stamps_.end()) facts.not_after = over->second;
    const auto leaf = proven_.find(entry.logged.digest);
    if (leaf != proven_.end()) facts.received_at = leaf->second.received_at;
    return facts;
  }

  const Story& story_;
  const Parts& parts_;
  std::map<uint64_t, UnixSeconds> stamps_;
  std::map<Digest, LeafBody> proven_;
};

using Row = std::tuple<RowKey, UnixSeconds, UnixSeconds, Verdict, Digest, IntervalEnd>;
std::vector<Row> Sorted(const std::vector<VerdictInterval>& intervals) {
  std::vector<Row> rows;
  for (const VerdictInterval& i : intervals) {
    rows.emplace_back(i.key, i.from, i.to, i.verdict, i.head, i.end);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

using Look = std::tuple<std::string, UnixSeconds, UnixSeconds, bool>;
std::vector<Look> Sorted(const std::vector<PresenceInterval>& intervals) {
  std::vector<Look> looks;
  for (const PresenceInterval& i : intervals) {
    looks.emplace_back(i.interval, i.from, i.to, i.anchored);
  }
  std::sort(looks.begin(), looks.end());
  return looks;
}

// The judgement, and in `hosts` what it was made from.
JudgedEvidence JudgeSeeing(const Parts& parts, const EvidenceTrust& trust,
                           std::vector<HostEvidence>& hosts) {
  const std::map<std::string, std::string> files = Files(parts);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  const PackFileReader read = [&files](const std::string& name) -> absl::StatusOr<std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return absl::NotFoundError("not in the pack");
    return found->second;
  };
  JudgeOptions options{FakeVerify, true};
  options.see_host = [&hosts](const HostEvidence& host) { hosts.push_back(host); };
  return JudgePackFiles(names, read, trust, options);
}

TEST(ReplayRandom, ReportByReportEqualsReplayFromBundles) {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    Random random{std::mt19937(seed)};
    Story story;
    story.from = kStart + kHour;
    story.to = kStart + 3 * kDay - kHour;
    // Every check x params has a row, whatever else comes and goes.
    Live(story, random);
    const Parts parts = story.Build();
    std::vector<HostEvidence> hosts;
    const JudgedEvidence judged = JudgeSeeing(parts, story.world.Trust(), hosts);
    ASSERT_THAT(StateOf(judged, "host-chains"), StartsWith("proven")) << "seed " << seed;
    ASSERT_THAT(StateOf(judged, "verdicts-recomputed"), StartsWith("proven")) << "seed " << seed;
    StepByStep steps(story, parts);
    steps.Run();
    ASSERT_EQ(hosts.size(), 1u);
    EXPECT_EQ(Sorted(hosts[0].verdicts), Sorted(steps.builder.Verdicts())) << seed;
    EXPECT_EQ(Sorted(hosts[0].presence), Sorted(steps.builder.Presence())) << seed;
    EXPECT_FALSE(hosts[0].verdicts.empty());
  }
}

// Only an envelope's keyid is a hint that nobody follows: no other byte can be changed without a
// claim falling.
bool DiffersInKeyidOnly(const std::string& name, const std::string& before,
                        const std::string& now) {
  const auto a = ParseScopeChain(before);
  const auto b = ParseScopeChain(now);
  if (name != kScopeName || !a.ok() || !b.ok()) return false;
  const auto same = [](const ScopeEntry& x, const ScopeEntry& y) {
    return x.statement.payload == y.statement.payload &&
           x.statement.signature == y.statement.signature && x.leaf.body == y.leaf.body;
  };
  return std::equal(a->entries.begin(), a->entries.end(), b->entries.begin(), b->entries.end(),
                    same);
}

TEST(ReplayRandom, NoBentByteGoesUnnoticed) {
  Story story;
  story.Run(kStart + 3 * kDay);
  story.host.Set("tls", "a:443", Verdict::kFail);
  story.RunAll();
  const Parts parts = story.Build();
  std::map<std::string, std::string> files = Files(parts);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  const PackFileReader read = [&files](const std::string& name) -> absl::StatusOr<std::string> {
    return files.at(name);
  };
  Random random{std::mt19937(11)};
  for (int round = 0; round < 150; ++round) {
    const std::string& name = names[random.Below(static_cast<unsigned>(names.size()))];
    std::string& bytes = files[name];
    const std::string whole = bytes;
    const size_t at = random.Below(static_cast<unsigned>(bytes.size()));
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(7)));
    const auto judged = JudgePackFiles(names, read, story.world.Trust(), {FakeVerify, true});
    const bool noticed =
        std::any_of(judged.claims.begin(), judged.claims.end(), [](const Claim& c) {
          return c.state == ClaimState::kDisproven || c.state == ClaimState::kUnproven;
        });
    EXPECT_TRUE(noticed || DiffersInKeyidOnly(name, whole, bytes)) << name << " byte " << at;
    bytes = whole;
  }
}

}  // namespace
}  // namespace tom::test
