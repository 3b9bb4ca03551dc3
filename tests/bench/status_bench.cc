// A status over one year of many hosts, asked for as the collector's RPC does (QueryView).
//
// The store is written directly, as ingest would have left it: a year of hourly reports of 10,000
// hosts would be 88 million, and a status reads none of them. Each host has the rows of
// bench_town.h and one of them failing for six hours every week.
#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "collector/assessment/views.h"
#include "tests/bench/bench_modes.h"
#include "tests/bench/bench_tools.h"
#include "tests/bench/bench_town.h"

namespace tom::bench {
namespace {

constexpr int kWeeks = 52;
constexpr int kHostsAJob = 200;
constexpr int64_t kWeek = 7 * kDay;
constexpr int64_t kFailSeconds = 6 * kHour;
constexpr UnixSeconds kFirst = test::kStart + kHour;  // of the looks
constexpr UnixSeconds kEnd = test::kStart + kWeeks * kWeek;
constexpr int kRows = kChecks * kSubjects;

// What the rows of every host have in common.
struct Common {
  Digest context;
  std::vector<const Check*> checks;
  std::map<std::string, Digest> params;  // by check
};

Common MakeContext(BenchTown& bench, StoreTransaction& store) {
  Common common;
  Context context;
  context.agent_version = "0.1.0";
  context.catalogue_version = bench.catalogue.version;
  context.catalogue = bench.published;
  context.os = "bench";
  for (const auto& [id, check] : bench.catalogue.checks) {
    context.groups[check.interval].push_back(id);
    common.checks.push_back(&check);
    ParamsPiece piece;
    piece.check = id;
    piece.values = ProfileValues(check, bench.profile);
    piece.params = ParamsDigest(piece.values);
    piece.profiles = {bench.profile.id};
    common.params[id] = piece.params;
    const std::string bytes = EncodeParamsPiece(piece);
    Must(store.AddBlob(bytes));
    context.pieces.push_back({"params", Sha256(bytes), {"shared"}});
  }
  std::sort(context.pieces.begin(), context.pieces.end(),
            [](const auto& a, const auto& b) { return a.digest < b.digest; });
  const std::string bytes = EncodeContext(context);
  Must(store.AddBlob(bytes));
  common.context = Sha256(bytes);
  return common;
}

// One host's year, as ingest would have written it.
class HostYear {
 public:
  HostYear(LedgerWriter& ledger, const Common& common, int number)
      : ledger_(ledger), store_(ledger.store()), common_(common), number_(number) {}

  void Write(const BenchTown& bench, const Digest& authorisation, const PrivateKey& key) {
    AddHost(bench, authorisation, key);
    AddBranch();
    for (int row = 0; row < kRows; ++row) AddRow(row);
    for (const auto& [group, looks] : looks_) AddPresence(group, looks);
    AddTip(key);
  }

 private:
  const Check& CheckOf(int row) const { return *common_.checks[row / kSubjects]; }
  Digest Name(std::string_view what, int64_t a, int64_t b) const {
    return Sha256(
        absl::StrCat(absl::string_view(what.data(), what.size()), number_, "/", a, "/", b));
  }

  void AddHost(const BenchTown& bench, const Digest& authorisation, const PrivateKey& key) {
    Enrolment enrolment;
    enrolment.common = {bench.town.collector.origin(), std::nullopt, RandomId()};
    enrolment.authorisation = authorisation;
    enrolment.host = host_.host = RandomId();
    enrolment.system = host_.system = SystemName(number_);
    enrolment.spki = host_.identity_spki = key.public_key().spki();
    const StoredStatement stored =
        ledger_
            .AppendStatement(
                Kind::kEnrolment,
                SignEnvelope(EncodeKindStatement(Kind::kEnrolment, ToPredicate(enrolment)), key)
                    .value(),
                std::nullopt)
            .value();
    host_.kind = "host";
    host_.controllers = {"shared"};
    host_.authorisation = authorisation;
    host_.enrolment = stored.digest;
    host_.enrolled_leaf = stored.leaf;
    Must(store_.AddHost(host_));
    Must(store_.AddContext(host_.id, common_.context));
  }

  void AddBranch() {
    branch_.host_id = host_.id;
    branch_.tip.ledger = test::kOrigin;
    branch_.tip.host = host_.host;
    branch_.tip.chain = RandomId().substr(0, 16);
    branch_.tip.seq = 0;
    branch_.tip.context = common_.context;
    branch_.tip_leaf = ledger_.next_index();
    Must(store_.AddBranch(branch_));
  }

  void AddInterval(int row, UnixSeconds from, UnixSeconds to, Verdict verdict) {
    IntervalRow out;
    out.branch = branch_.id;
    VerdictInterval& interval = out.interval;
    const Check& check = CheckOf(row);
    interval.key = {check.id, common_.params.at(check.id), Name("s", row, 0).Hex().substr(0, 32)};
    interval.from = from;
    interval.to = to;
    interval.verdict = verdict;
    interval.scope = {"shared"};
    interval.head = Name("h", row, from);
    interval.check_digest = check.digest;
    interval.end = to == kForever ? IntervalEnd::kStands : IntervalEnd::kReplaced;
    out.opened_by = branch_.tip_leaf;
    if (to != kForever) out.closed_by = branch_.tip_leaf;
    Must(store_.PutInterval(out));
    looks_[check.interval].push_back(from);
  }

  // Passes, but in the weeks that are its turn.
  void AddRow(int row) {
    UnixSeconds from = kFirst;
    for (int week = 0; week < kWeeks; ++week) {
      if ((number_ * 7 + week * 11) % kRows != row) continue;
      const UnixSeconds fails = test::kStart + week * kWeek + 2 * kDay;
      AddInterval(row, from, fails, Verdict::kPass);
      AddInterval(row, fails, fails + kFailSeconds, Verdict::kFail);
      from = fails + kFailSeconds;
    }
    AddInterval(row, from, kForever, Verdict::kPass);
  }

  // A run of looks from each change of the group's state to the next.
  void AddPresence(const std::string& group, std::vector<UnixSeconds> changes) {
    std::sort(changes.begin(), changes.end());
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    uint64_t seq = 0;
    for (size_t i = 0; i < changes.size(); ++i, ++seq) {
      const UnixSeconds until = i + 1 < changes.size() ? changes[i + 1] : kEnd;
      Must(store_.PutPresence({branch_.id, group, seq, seq, changes[i], until - 1, until,
                               Name("g", static_cast<int64_t>(i), changes[i]), 100}));
    }
    Must(store_.PutAnchored({branch_.id, group, changes.front(), kEnd - 1, kEnd}));
  }

  void AddTip(const PrivateKey& key) {
    StoredReport stored;
    stored.branch = branch_.id;
    Report& report = stored.report;
    report.ledger = test::kOrigin;
    report.host = host_.host;
    report.chain = branch_.tip.chain;
    report.observed_at = kEnd - kHour;
    report.duration_ms = 10;
    report.context = common_.context;
    for (const auto& [group, looks] : looks_) report.groups[group] = Name("t", 0, 0);
    stored.payload = EncodeReport(report);
    const Envelope envelope = SignEnvelope(stored.payload, key).value();
    stored.digest = envelope.StatementDigest();
    stored.signature = envelope.signature;
    stored.counted = report.observed_at;
    stored.leaf_body.kind = LeafKind::kReport;
    stored.leaf_body.digest = stored.digest;
    stored.leaf_body.host = host_.host;
    stored.leaf_body.chain = report.chain;
    stored.leaf_body.seq = 0;
    stored.leaf = ledger_.Append(stored.leaf_body);
    Must(store_.AddReport(stored));
  }

  LedgerWriter& ledger_;
  StoreTransaction& store_;
  const Common& common_;
  const int number_;
  HostRow host_;
  BranchRow branch_;
  std::map<std::string, std::vector<UnixSeconds>> looks_;
};

Digest Authorise(BenchTown& bench) {
  test::TestTown& town = bench.town;
  EnrolmentAuthorisation authorisation =
      TestAuthorisation(town.op, test::kOrigin, RandomId(), town.world.now + kDay);
  authorisation.controllers = {"shared"};
  town.PutStatement(Kind::kEnrolmentAuthorisation, ToPredicate(authorisation), town.op);
  return town.last_statement;
}

void WriteHosts(BenchTown& bench, int hosts) {
  const Digest authorisation = Authorise(bench);
  const PrivateKey key = PrivateKey::Generate(KeyKind::kP256).value();
  for (int done = 0; done < hosts; done += kHostsAJob) {
    Must(bench.town.collector.collector->sequencer().Run([&](LedgerWriter& ledger) {
      const Common common = MakeContext(bench, ledger.store());
      for (int i = done; i < std::min(done + kHostsAJob, hosts); ++i) {
        HostYear(ledger, common, i).Write(bench, authorisation, key);
      }
      return absl::OkStatus();
    }));
  }
}

// Stamps of the year, three a day as the collector makes them.
void StampYear(BenchTown& bench) {
  UnixSeconds& now = bench.town.world.now;
  for (; now < kEnd; now += limits::kStampEverySeconds) {
    bench.town.collector.clock.Set(now);
    bench.town.Stamp();
  }
  now = kEnd;
  bench.town.collector.clock.Set(now);
  bench.town.Stamp();
}

std::string Ask(BenchTown& bench) {
  Collector& collector = *bench.town.collector.collector;
  ViewRequest request;
  request.view = "status";
  request.arguments = {
      {"profile", bench.profile.id}, {"from", FormatUtc(test::kStart)}, {"to", FormatUtc(kEnd)}};
  request.now = kEnd;
  request.trust = &collector.state().trust;
  std::string answer;
  Must(collector.store().Read([&](const StoreView& view) -> absl::Status {
    auto asked = QueryView(view, request);
    if (asked.ok()) answer = *std::move(asked);
    return asked.status();
  }));
  return answer;
}

}  // namespace

int StatusYear(int hosts) {
  BenchTown bench(hosts);
  const Stopwatch making;
  WriteHosts(bench, hosts);
  StampYear(bench);
  std::fprintf(stderr, "a store of %d hosts made in %.1f s\n", hosts, making.Seconds());
  PlainSqlite store(bench.town.collector.folder + "/state/store.db");
  int64_t rows = 0;
  const auto scan = [&] {
    const Stopwatch watch;
    rows = store.Scan("interval") + store.Scan("presence") + store.Scan("anchored");
    return watch.Seconds();
  };
  scan();  // brings the file into memory, for both
  const double least = scan();
  const Stopwatch watch;
  const std::string answer = Ask(bench);
  const double ours = watch.Seconds();
  std::fprintf(stderr, "%.300s\n", answer.c_str());
  std::printf("{\"seconds\": %.3f, \"scan_seconds\": %.3f, \"rows\": %lld, \"store_mib\": %.0f}\n",
              ours, least, static_cast<long long>(rows),
              FileBytes(bench.town.collector.folder + "/state/store.db") / (1 << 20));
  return 0;
}

}  // namespace tom::bench
