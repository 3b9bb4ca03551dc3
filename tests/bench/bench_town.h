// Rules and hosts of a size that is usual: sixty checks, a third of them every hour, every six
// hours and every day, with two subjects each.
#ifndef TOM_TESTS_BENCH_BENCH_TOWN_H_
#define TOM_TESTS_BENCH_BENCH_TOWN_H_

#include <string>
#include <vector>

#include "collector/pack/test_town.h"
#include "evidence/catalogue.h"

namespace tom::bench {

inline constexpr int kChecks = 60;
inline constexpr int kSubjects = 2;  // of each check

Catalogue BenchCatalogue();
// Promises every measure of it.
Profile BenchProfile();
std::string SystemName(int number);

// A collector with these rules in force and an inventory of `systems` systems; no hosts.
class BenchTown {
 public:
  explicit BenchTown(int systems);

  // Enrols a host for each system, and has all of them report every hour for `days` days, each a
  // report of its own, with stamps every eight hours. On each host three rows fail for some hours
  // of every day. Real reports through the collector's own ingest.
  void Live(int days);

  test::TestTown town;
  const Catalogue catalogue;
  const Profile profile;
  Digest published;

 private:
  void EnrolAll();
  void Change(test::Host& host, int number);
  void LookAll(const std::vector<std::string>& groups, bool one_by_one);

  const int systems_;
};

}  // namespace tom::bench

#endif  // TOM_TESTS_BENCH_BENCH_TOWN_H_
