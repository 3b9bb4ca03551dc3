#include "evidence/pack_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "evidence/test_world.h"

namespace tom::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kHostId[] = "0123456789abcdef0123456789abcdef";

TEST(PackEvidence, HonestPackProvesItsClaims) {
  Story story;
  story.RunAll();
  const JudgedEvidence judged = story.Judge(story.Build());
  for (const Claim& claim : judged.claims) {
    EXPECT_EQ(claim.state, ClaimState::kProven) << claim.claim << ": " << claim.detail;
  }
  EXPECT_THAT(StateOf(judged, "host-chains"), HasSubstr("1 chain, 169 statements"));
  EXPECT_EQ(judged.claims.size(), 14u);
  for (const char* measure : {"in-transit", "at-rest", "scope-completeness"}) {
    EXPECT_EQ(Status(judged, measure), "satisfied") << measure;
    EXPECT_EQ(Measure(judged, measure).coverage_ppm, 1000000) << measure;
  }
}

// What a lying collector makes of an honest history.
struct Lie {
  const char* name;
  std::function<void(Parts&)> bend;
  const char* claim;
  const char* reason;
};

class PackLies : public testing::TestWithParam<Lie> {};

TEST_P(PackLies, AreFound) {
  Story story;
  story.Run(kStart + 2 * kDay);
  story.host.Set("tls", "a:443", Verdict::kFail);
  story.Run(kStart + 3 * kDay);
  story.host.Set("tls", "a:443", Verdict::kPass);
  story.RunAll();
  Parts parts = story.Build();
  GetParam().bend(parts);
  const JudgedEvidence judged = story.Judge(parts);
  EXPECT_THAT(StateOf(judged, GetParam().claim), StartsWith("disproven: ")) << GetParam().name;
  EXPECT_THAT(StateOf(judged, GetParam().claim), HasSubstr(GetParam().reason)) << GetParam().name;
  EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), testing::Not(StartsWith("proven")));
  EXPECT_TRUE(judged.rollup.measures.empty() ||
              GetParam().claim == std::string("verdicts-recomputed"));
}

std::vector<BundleStatement>& Statements(Parts& parts) {
  return parts.bundles.at(0).chains.at(0).statements;
}

// The first statement in full after `start`.
size_t FirstWhole(Parts& parts, size_t start) {
  while (!Statements(parts).at(start).heartbeat) ++start;
  while (Statements(parts).at(start).heartbeat) ++start;
  return start;
}

INSTANTIATE_TEST_SUITE_P(
    All, PackLies,
    testing::Values(
        Lie{"heartbeat dropped", [](Parts& p) { Statements(p).erase(Statements(p).begin() + 30); },
            "host-chains", ""},
        Lie{"heartbeats swapped", [](Parts& p) { std::swap(Statements(p)[30], Statements(p)[31]); },
            "host-chains", ""},
        Lie{"heartbeat moved in time",
            [](Parts& p) { Statements(p)[30].heartbeat->observed_at += 60; }, "host-chains", ""},
        Lie{"report of a failure left out",
            [](Parts& p) {
              const size_t fail = FirstWhole(p, 1);
              Statements(p).erase(Statements(p).begin() + static_cast<std::ptrdiff_t>(fail));
            },
            "host-chains", ""},
        Lie{"removal left out of a payload",
            [](Parts& p) {
              BundleStatement& whole = Statements(p)[FirstWhole(p, 1)];
              Report report = ParseReport(whole.payload).value();
              report.removed.clear();
              whole.payload = EncodeReport(report);
            },
            "host-chains", "second head"},
        Lie{"tip without signature", [](Parts& p) { Statements(p).back().signature.clear(); },
            "statement-signatures", "carries no signature"},
        Lie{"tip signed by a foreign key",
            [](Parts& p) {
              const PrivateKey key = PrivateKey::Generate(KeyKind::kP256).value();
              Statements(p).back().signature = key.Sign("other").value();
            },
            "statement-signatures", "not by the host's key"},
        Lie{"head exchanged",
            [](Parts& p) {
              for (Head& head : p.bundles[0].heads) {
                if (head.verdict == Verdict::kFail) head.verdict = Verdict::kPass;
              }
            },
            "host-chains", "its head is not known"},
        Lie{"scope chain cut at the end", [](Parts& p) { p.scope.entries.pop_back(); },
            "scope-complete", "has been cut"},
        Lie{"scope statement left out",
            [](Parts& p) { p.scope.entries.erase(p.scope.entries.begin()); }, "scope-complete",
            "does not follow"},
        Lie{"scope statement exchanged",
            [](Parts& p) { p.scope.entries[0].statement = p.scope.entries[1].statement; },
            "scope-complete", "another statement"},
        Lie{"scope signature broken",
            [](Parts& p) { p.scope.entries[0].statement.signature[20] ^= 1; },
            "statement-signatures", ""},
        Lie{"leaf received at another time",
            [](Parts& p) { p.bundles[0].leaves[1].body.received_at -= kDay; }, "host-chains", ""},
        Lie{"checkpoint left out", [](Parts& p) { p.stamps.erase(p.stamps.begin() + 3); },
            "ledger-key", ""},
        Lie{"stamp of another checkpoint", [](Parts& p) { p.stamps[3].token = p.stamps[2].token; },
            "ledger-anchored", "other bytes"},
        Lie{"stamp put back in time",
            [](Parts& p) { p.stamps[3].token = FakeStamp(kStart - kDay, p.stamps[3].note); },
            "ledger-anchored", "before a smaller one"},
        Lie{"figures painted", [](Parts& p) { p.facts.numbers.AsObject()["hosts"] = 7; },
            "verdicts-recomputed", "not those that the evidence gives"},
        Lie{"period moved", [](Parts& p) { p.facts.from += kDay; }, "verdicts-recomputed", ""},
        Lie{"bundle under another host's name",
            [](Parts& p) { p.bundles[0].host = std::string(32, '7'); }, "key-continuity",
            "enrolment does not count"},
        Lie{"blob exchanged",
            [](Parts& p) {
              for (auto& [digest, bytes] : p.blobs) {
                if (bytes.find("\"groups\"") != std::string::npos) bytes += " ";
              }
            },
            "host-chains", "its digest is another"}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      for (char& c : name) {
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      }
      return name;
    });

TEST(PackEvidence, BodyThatNoHeadCommitsToIsFound) {
  Story story;
  story.RunAll();
  Parts parts = story.Build();
  Body body{"s", "r", Json(), ""};
  parts.bundles[0].bodies.push_back(Canonical(BodyToJson(SaltBody(body, "k", "tls", Digest()))));
  EXPECT_THAT(StateOf(story.Judge(parts), "bodies-withheld-or-erased"),
              StartsWith("disproven: a body that no head commits to"));
}

TEST(PackEvidence, BodiesThatAreJustMissingChangeNoFigureAndAreNotCalledWithheld) {
  Story story;
  story.RunAll();
  Parts parts = story.Build();
  parts.bundles[0].bodies.clear();
  const JudgedEvidence judged = story.Judge(parts);
  EXPECT_EQ(StateOf(judged, "bodies-withheld-or-erased"),
            "unproven: 2 of 2 row bodies missing, without a deletion on record");
  EXPECT_THAT(StateOf(judged, "verdicts-recomputed"), StartsWith("proven"));
}

// Each input that is not there leaves its claim unproven, never proven and never disproven.
TEST(PackEvidence, MissingInputLeavesClaimsUnproven) {
  Story story;
  story.RunAll();
  const Parts parts = story.Build();
  EvidenceTrust no_log = story.world.Trust();
  no_log.log_key.reset();
  EXPECT_THAT(StateOf(JudgeParts(parts, no_log), "ledger-key"), StartsWith("unproven"));
  EvidenceTrust no_publisher = story.world.Trust();
  no_publisher.publisher_der.clear();
  EXPECT_THAT(StateOf(JudgeParts(parts, no_publisher), "catalogue-known"), StartsWith("unproven"));
  Parts unstamped = parts;
  for (Stamp& stamp : unstamped.stamps) stamp.token.clear();
  const JudgedEvidence judged = story.Judge(unstamped);
  for (const char* claim :
       {"ledger-anchored", "time-bracketed", "rules-not-retroactive", "verdicts-recomputed"}) {
    EXPECT_THAT(StateOf(judged, claim), StartsWith("unproven")) << claim;
  }
  EXPECT_EQ(Status(judged, "in-transit"), "not_assessed");
  Parts no_context = parts;
  std::erase_if(no_context.blobs, [](const auto& blob) {
    return blob.second.find("\"groups\"") != std::string::npos;
  });
  EXPECT_THAT(StateOf(story.Judge(no_context), "host-chains"), StartsWith("unproven"));
}

}  // namespace
}  // namespace tom::test
