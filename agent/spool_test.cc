#include "agent/spool.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "agent/sender.h"
#include "agent/signer.h"
#include "agent/testing_collector.h"
#include "agent/testing_host.h"
#include "evidence/limits.h"

namespace tom {
namespace {

constexpr UnixSeconds kStart = 1'700'000'000;

class SpoolTest : public testing::Test {
 protected:
  SpoolTest()
      : state_(folder_.State()),
        identity_(state_.KeyOrNew("identity.key").value()),
        collector_("log.example.org", identity_.public_key()) {
    facts_.host = std::string(32, 'a');
    facts_.ledger = "log.example.org";
  }

  Spool Open() {
    absl::StatusOr<Spool> spool = Spool::Open(state_, bounds_, 5);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return *std::move(spool);
  }

  // One cycle: both groups, `subject` with `verdict`.
  absl::StatusOr<std::optional<SignedReport>> Sign(int cycle, Verdict verdict = Verdict::kPass,
                                                   const std::string& reason = "ok") {
    const Look look = MakeLook(kStart + cycle * 300,
                               {MakeOutcome("often", {MakeRow("a", verdict, reason)}),
                                MakeOutcome("rarely", {MakeRow("h", Verdict::kPass, "f")})});
    const HostView host = MakeHostView();
    auto context = BuildContext(host, MakeSource(), look.observed_at);
    absl::StatusOr<Spool> spool = Spool::Open(state_, bounds_, 5);
    if (!spool.ok()) return spool.status();
    absl::StatusOr<SignedLook> look_signed =
        SignLook(state_, {facts_, identity_, host, *context, look, {}, ""}, *spool);
    if (!look_signed.ok()) return look_signed.status();
    return std::move(look_signed->report);
  }

  // A cycle of eight checks of 1,000 rows each, all of them saying `reason`, and of `rarely`.
  absl::StatusOr<SignedLook> SignMany(int cycle, const std::string& reason, bool every_group) {
    ContextSource source = MakeSource();
    source.plan = {MakePlanned("rarely", "1h")};
    Look look = MakeLook(kStart + cycle * 300, {});
    if (every_group) {
      look.outcomes.push_back(MakeOutcome("rarely", {MakeRow("h", Verdict::kPass, "f")}));
    }
    for (int check = 0; check < 8; ++check) {
      const std::string id = "c" + std::to_string(check);
      source.plan.push_back(MakePlanned(id, "5m"));
      std::vector<RowResult> rows;
      rows.reserve(limits::kMaxRowsPerCheck);
      for (size_t i = 0; i < limits::kMaxRowsPerCheck; ++i) {
        rows.push_back(MakeRow(std::to_string(i), Verdict::kFail, reason));
      }
      look.outcomes.push_back(MakeOutcome(id, std::move(rows)));
    }
    const HostView host = MakeHostView();
    const auto context = BuildContext(host, source, look.observed_at);
    if (!context.ok()) return context.status();
    absl::StatusOr<Spool> spool = Spool::Open(state_, bounds_, 5);
    if (!spool.ok()) return spool.status();
    return SignLook(state_, {facts_, identity_, host, *context, look, {}, ""}, *spool);
  }

  void SignOk(int cycle, Verdict verdict = Verdict::kPass) {
    const auto report = Sign(cycle, verdict);
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_TRUE(report->has_value());
  }

  SendTally Send() {
    SendTally tally;
    const absl::Status status = SendPending(state_, {bounds_, 5}, collector_, tally);
    EXPECT_TRUE(status.ok()) << status;
    return tally;
  }

  std::string LogPath() const { return state_.File("spool/log"); }
  void FlipByteAt(off_t offset) {
    std::fstream file(LogPath(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(offset);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(offset);
    file.put(byte);
  }
  std::string ReadLog() const {
    std::ifstream in(LogPath(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  off_t LogSize() const {
    struct stat facts {};
    return stat(LogPath().c_str(), &facts) == 0 ? facts.st_size : -1;
  }

  TemporaryFolder folder_;
  StateDir state_;
  PrivateKey identity_;
  EnrolmentFacts facts_;
  SpoolBounds bounds_;
  FakeCollector collector_;
};

TEST_F(SpoolTest, SignedStatementsSurviveReopening) {
  SignOk(0);
  SignOk(1, Verdict::kFail);
  const Spool spool = Open();
  EXPECT_EQ(spool.pending(), 2u);
  EXPECT_EQ(spool.state()->seq, 1u);
  EXPECT_TRUE(spool.notices().empty());
  const auto next = spool.NextPending(0, 32, 1 << 20);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->size(), 2u);
}

TEST_F(SpoolTest, SendingEmptiesItAndNothingIsMissing) {
  for (int cycle = 0; cycle < 40; ++cycle)
    SignOk(cycle, cycle % 5 == 0 ? Verdict::kFail : Verdict::kPass);
  const SendTally tally = Send();
  EXPECT_EQ(tally.accepted, 40);
  EXPECT_EQ(tally.left, 0u);
  EXPECT_EQ(collector_.statements().size(), 40u);
  EXPECT_EQ(collector_.Tips().size(), 1u);
  EXPECT_TRUE(collector_.Missing().empty());
  EXPECT_EQ(Send().accepted, 0);
}

TEST_F(SpoolTest, ALostReplyIsADuplicateNextTime) {
  SignOk(0);
  collector_.lose_replies = true;
  SendTally tally;
  EXPECT_TRUE(absl::IsUnavailable(SendPending(state_, {bounds_, 5}, collector_, tally)));
  EXPECT_EQ(tally.left, 1u);
  collector_.lose_replies = false;
  EXPECT_EQ(Send().duplicates, 1);
}

TEST_F(SpoolTest, PatienceOutlastsAnOutage) {
  SignOk(0);
  collector_.unavailable_next = 3;
  std::vector<int64_t> slept;
  SendTally tally;
  const absl::Status status = SendWithPatience(
      state_, {bounds_, 5}, collector_, 60, [&](int64_t ms) { slept.push_back(ms); }, tally);
  EXPECT_TRUE(status.ok()) << status;
  ASSERT_EQ(slept.size(), 3u);
  EXPECT_LT(slept[0], 1000);
  EXPECT_LT(slept[2], 4000);
}

TEST_F(SpoolTest, CompactionKeepsStateAndPending) {
  SignOk(0, Verdict::kFail);
  Send();
  SignOk(1);
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Compact(true).ok());
    EXPECT_EQ(spool.pending(), 1u);
  }
  SignOk(2, Verdict::kFail);
  EXPECT_EQ(Open().state()->seq, 2u);
  EXPECT_EQ(Send().accepted, 2);
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Compact(true).ok());
  }
  EXPECT_EQ(LogSize(), 0);
  SignOk(3);
  EXPECT_EQ(Send().accepted, 1);
  EXPECT_EQ(collector_.Tips().size(), 1u);
}

TEST_F(SpoolTest, ATornAppendIsSetAsideAndTheChainGoesOn) {
  SignOk(0);
  const off_t good = LogSize();
  SignOk(1);
  const std::string whole = ReadLog();
  for (size_t cut = good + 1; cut < whole.size(); cut += 37) {
    std::ofstream(LogPath(), std::ios::trunc | std::ios::binary) << whole.substr(0, cut);
    const Spool spool = Open();
    EXPECT_EQ(spool.pending(), 1u) << cut;
    EXPECT_EQ(spool.notices().size(), 1u) << cut;
    EXPECT_FALSE(spool.NeedsNewChain()) << cut;
    EXPECT_EQ(LogSize(), good) << cut;
  }
  SignOk(1);
  EXPECT_EQ(Open().state()->seq, 1u);
  EXPECT_EQ(Send().accepted, 2);
}

TEST_F(SpoolTest, EveryDamagedByteIsSeenAndNoGoodStatementIsLost) {
  SignOk(0);
  const off_t first = LogSize();
  SignOk(1, Verdict::kFail);
  SignOk(2);
  const off_t size = LogSize();
  const std::string whole = ReadLog();
  for (off_t at = first; at < size; at += 97) {
    std::ofstream(LogPath(), std::ios::trunc | std::ios::binary) << whole;
    FlipByteAt(at);
    const Spool spool = Open();
    EXPECT_EQ(spool.notices().size(), 1u) << "byte " << at;
    EXPECT_GE(spool.pending(), 1u) << "byte " << at;
    EXPECT_LT(spool.pending(), 3u) << "byte " << at;
    EXPECT_TRUE(spool.NeedsNewChain()) << "byte " << at;
    EXPECT_EQ(spool.Tips(), std::vector<Digest>{spool.state()->tip}) << "byte " << at;
  }
}

TEST_F(SpoolTest, AfterDamageANewChainContinuesTheLastGoodStatement) {
  SignOk(0);
  const off_t first = LogSize();
  SignOk(1);
  SignOk(2);
  FlipByteAt(first + 60);
  const auto report = Sign(3);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE((*report)->new_chain);
  EXPECT_EQ(Send().accepted, 2);
  EXPECT_EQ(collector_.Tips().size(), 1u);
  EXPECT_TRUE(collector_.Missing().empty());
}

TEST_F(SpoolTest, ADamagedCheckpointIsSetAside) {
  SignOk(0);
  Send();
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Compact(true).ok());
  }
  const std::string path = state_.File("spool/checkpoint");
  ASSERT_EQ(truncate(path.c_str(), 100), 0);
  const Spool spool = Open();
  ASSERT_EQ(spool.notices().size(), 1u);
  EXPECT_NE(spool.notices()[0].find(path), std::string::npos) << spool.notices()[0];
  EXPECT_TRUE(spool.NeedsNewChain());
}

TEST_F(SpoolTest, AForkStartsAChainThatContinuesBothTips) {
  SignOk(0);
  Send();
  TemporaryFolder copy;
  std::filesystem::copy(state_.path(), copy.path() + "/state",
                        std::filesystem::copy_options::recursive);
  std::filesystem::permissions(copy.path() + "/state", std::filesystem::perms::owner_all);
  SignOk(1);
  Send();
  const StateDir restored = StateDir::Open(copy.path() + "/state", false).value();
  const StateDir original = state_;
  state_ = restored;
  SignOk(2, Verdict::kFail);
  const SendTally tally = Send();
  EXPECT_EQ(tally.forks, 1);
  EXPECT_EQ(collector_.Tips().size(), 2u);
  const auto report = Sign(3);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE((*report)->new_chain);
  EXPECT_EQ((*report)->report.continues.size(), 2u);
  EXPECT_EQ(Send().accepted, 1);
  EXPECT_EQ(collector_.Tips().size(), 1u);
}

TEST_F(SpoolTest, ARefusedStatementIsKeptAsideWithWhatFollowsIt) {
  SignOk(0, Verdict::kFail);
  Send();
  SignOk(1);
  SignOk(2);
  collector_.refuse_seqs = {1};
  const SendTally tally = Send();
  EXPECT_EQ(tally.rejected, 2);
  EXPECT_EQ(tally.left, 0u);
  collector_.refuse_seqs.clear();
  const auto report = Sign(3);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE((*report)->new_chain);
  EXPECT_EQ(Send().accepted, 1);
  EXPECT_EQ(collector_.Tips().size(), 1u);
  int aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(state_.File("rejected"))) {
    EXPECT_EQ(entry.path().extension(), ".json") << entry.path();
    ++aside;
  }
  EXPECT_EQ(aside, 2);
}

TEST_F(SpoolTest, NearTheBoundNoHeartbeatsAtTheBoundNothingThenLost) {
  SignOk(0);
  bounds_.heartbeat_bytes = 1;
  const auto heartbeat = Sign(1);
  ASSERT_TRUE(heartbeat.ok()) << heartbeat.status();
  EXPECT_FALSE(heartbeat->has_value());
  bounds_.max_bytes = static_cast<uint64_t>(LogSize()) + 3000;
  const auto change = Sign(2, Verdict::kFail);
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_FALSE(change->has_value());
  Send();
  const auto report = Sign(3, Verdict::kFail);
  ASSERT_TRUE(report.ok() && report->has_value()) << report.status();
  EXPECT_EQ((*report)->report.lost, (Lost{2, kStart + 300, kStart + 600}));
  EXPECT_EQ((*report)->report.seq, 1u);
  EXPECT_EQ((*report)->report.changed.size(), 1u);
  bounds_ = SpoolBounds();
  const auto after = Sign(4, Verdict::kFail);
  ASSERT_TRUE(after.ok() && after->has_value());
  EXPECT_TRUE((*after)->report.IsHeartbeat());
}

// 8,000 old heads and 8,000 new ones, all in the report, are over its 1 MiB.
TEST_F(SpoolTest, WhatIsTooMuchForOneReportBeginsANewChainAndNothingIsMissing) {
  ASSERT_TRUE(SignMany(0, "before", true)->report);
  const auto partial = SignMany(1, "after", false);
  ASSERT_TRUE(partial.ok()) << partial.status();
  EXPECT_FALSE(partial->report);
  EXPECT_TRUE(partial->every_group);
  const auto whole = SignMany(2, "after", true);
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_TRUE(whole->report);
  EXPECT_TRUE(whole->report->new_chain);
  EXPECT_FALSE(whole->every_group);
  const Report& report = whole->report->report;
  EXPECT_LE(EncodeReport(report).size(), limits::kMaxReportBytes);
  EXPECT_TRUE(report.changed_blob);
  EXPECT_EQ(report.continues.size(), 1u);
  ASSERT_TRUE(report.lost);
  EXPECT_EQ(report.lost->cycles, 1);
  const SendTally tally = Send();
  EXPECT_EQ(tally.accepted, 2);
  EXPECT_EQ(tally.rejected, 0) << testing::PrintToString(tally.notices);
  EXPECT_EQ(Open().state()->rows.size(), 8001u);
}

TEST_F(SpoolTest, ASecondAgentWaitsAndThenSaysWhy) {
  const Spool first = Open();
  const auto second = Spool::Open(state_, bounds_, 0);
  ASSERT_TRUE(absl::IsUnavailable(second.status())) << second.status();
  EXPECT_NE(second.status().message().find("lock"), absl::string_view::npos);
}

TEST_F(SpoolTest, AStatementThatDoesNotFollowIsNotWritten) {
  SignOk(0);
  const off_t size = LogSize();
  auto stolen = Open().NextPending(0, 1, 1 << 20);
  Spool spool = Open();
  EXPECT_FALSE(spool.Append((*stolen)[0].statement.envelope, {}).ok());
  EXPECT_EQ(LogSize(), size);
}

// A child signs as fast as it can, and is killed at a random moment. What it had reported as signed
// must be there.
TEST_F(SpoolTest, SurvivesBeingKilledAtAnyMoment) {
  SignOk(0);
  int cycle = 1;
  for (int kill_count = 0; kill_count < 25; ++kill_count) {
    int reported[2];
    ASSERT_EQ(pipe(reported), 0);
    const pid_t child = fork();
    if (child == 0) {
      for (int i = cycle;; ++i) {
        const auto signed_report = Sign(i, i % 3 == 0 ? Verdict::kFail : Verdict::kPass);
        if (!signed_report.ok() || !signed_report->has_value()) _exit(1);
        const uint64_t seq = (*signed_report)->report.seq;
        if (write(reported[1], &seq, sizeof(seq)) != sizeof(seq)) _exit(1);
      }
    }
    close(reported[1]);
    usleep(static_cast<useconds_t>(3000 + 1700 * kill_count));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    uint64_t last = 0;
    uint64_t seq = 0;
    while (read(reported[0], &seq, sizeof(seq)) == sizeof(seq)) last = seq;
    close(reported[0]);
    const Spool spool = Open();
    EXPECT_GE(spool.state()->seq, last) << "kill " << kill_count;
    cycle = static_cast<int>(spool.state()->seq) + 1;
  }
  const uint64_t seq = Open().state()->seq;
  Send();
  EXPECT_EQ(collector_.statements().size(), seq + 1);
  EXPECT_EQ(collector_.Tips().size(), 1u);
  EXPECT_TRUE(collector_.Missing().empty());
}

}  // namespace
}  // namespace tom
