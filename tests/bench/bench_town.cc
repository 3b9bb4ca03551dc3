#include "tests/bench/bench_town.h"

#include <cstdio>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/bench/bench_tools.h"

namespace tom::bench {
namespace {

constexpr const char* kGroups[] = {"1h", "6h", "24h"};
constexpr int kMeasures = 10;
constexpr int kFailHours = 5;

std::string CheckName(int number) { return absl::StrCat("check-", number); }
std::string MeasureName(int number) { return absl::StrCat("measure-", number % kMeasures); }

Check BenchCheck(int number) {
  Check check;
  check.id = CheckName(number);
  check.measure = MeasureName(number);
  check.title = absl::StrCat("What ", check.id, " looks at");
  check.severity = "high";
  check.interval = kGroups[number % std::size(kGroups)];
  check.runs_on = "host";
  check.parameters["minimum"] = {"TLSv1.2", "tls_version", "higher", ""};
  check.query = "SELECT 1";
  check.when_empty = "unknown";
  return check;
}

}  // namespace

std::string SystemName(int number) { return absl::StrCat("web-", number); }

Catalogue BenchCatalogue() {
  Catalogue catalogue;
  catalogue.version = 1;
  for (int i = 0; i < kChecks; ++i) catalogue.checks[CheckName(i)] = BenchCheck(i);
  for (int i = 0; i < kMeasures; ++i) {
    catalogue.measures[MeasureName(i)] = {MeasureName(i), "a measure", "what it asks", {}};
  }
  const std::string scope(kScopeMeasure);
  catalogue.measures[scope] = {scope, "scope", "every system reports", {}};
  return ParseCatalogue(EncodeCatalogue(catalogue)).value();
}

Profile BenchProfile() {
  Profile profile = test::SmallProfile();
  Clause& clause = profile.clauses.front();
  clause.measures = {{std::string(kScopeMeasure), {}}};
  for (int i = 0; i < kMeasures; ++i) clause.measures[MeasureName(i)]["minimum"] = "TLSv1.2";
  return ProfileFromJson(ProfileToJson(profile), "profile").value();
}

BenchTown::BenchTown(int systems)
    : catalogue(BenchCatalogue()), profile(BenchProfile()), systems_(systems) {
  std::map<std::string, std::vector<std::string>> controllers;
  for (int i = 0; i < systems; ++i) controllers[SystemName(i)] = {"shared"};
  town.ListSystems(controllers);
  town.PutProfile(profile);
  published = town.Publish(catalogue);
}

void BenchTown::EnrolAll() {
  for (int i = 0; i < systems_; ++i) {
    test::Host& host = town.Enrol(SystemName(i), {"shared"});
    host.SetContext(catalogue, published, profile);
    for (int check = 0; check < kChecks; ++check) {
      for (int subject = 0; subject < kSubjects; ++subject) {
        host.Set(CheckName(check), absl::StrCat("subject ", subject), Verdict::kPass);
      }
    }
  }
}

// Three rows a day begin to fail, at hours that differ from host to host, and pass again.
void BenchTown::Change(test::Host& host, int number) {
  const auto hour = static_cast<int>((town.world.now - test::kStart) / kHour);
  for (int part = 0; part < 3; ++part) {
    const int day = (hour - 8 * part - number % 8) / 24;
    const int at = (hour - 8 * part - number % 8) % 24;
    const int row = (number * 7 + day * 3 + part) % (kChecks * kSubjects);
    if (at != 1 && at != 1 + kFailHours) continue;
    host.Set(CheckName(row / kSubjects), absl::StrCat("subject ", row % kSubjects),
             at == 1 ? Verdict::kFail : Verdict::kPass);
  }
}

// Signed one by one, sent at once: what waits together is made durable together.
void BenchTown::LookAll(const std::vector<std::string>& groups, bool one_by_one) {
  std::vector<test::TestTown::Sending> reports;
  reports.reserve(town.hosts.size());
  for (test::Host& host : town.hosts) reports.push_back(town.Prepare(host, groups));
  if (one_by_one) {
    for (const auto& report : reports) town.Send(report);
    return;
  }
  std::vector<std::thread> senders;
  senders.reserve(reports.size());
  for (const auto& report : reports) senders.emplace_back([&] { town.Send(report); });
  for (std::thread& sender : senders) sender.join();
}

void BenchTown::Live(int days) {
  EnrolAll();
  UnixSeconds& now = town.world.now;
  for (int hour = 0; hour <= days * 24; ++hour, now += kHour) {
    town.collector.clock.Set(now);
    if (hour % 8 == 0) town.Stamp();
    int number = 0;
    for (test::Host& host : town.hosts) Change(host, number++);
    std::vector<std::string> groups = {"1h"};
    if (hour % 6 == 0) groups.emplace_back("6h");
    if (hour % 24 == 0) groups.emplace_back("24h");
    LookAll(groups, hour == 0);
  }
  town.collector.clock.Set(now);
  town.Stamp();
}

}  // namespace tom::bench
