// What the collector and the verifier cost, in one process and without the network, each beside the
// least that the same work can cost. One line of JSON on standard output, for
// tests/bench/*_bench.py.
//
//   tom-bench growth CYCLES       bytes of store for a cycle in which nothing changed
//   tom-bench ingest REPORTS      reports a second, made durable one by one by eight hosts at once
//   tom-bench ledger ENTRIES      entries a second, made durable by 64 writers at once
//   tom-bench pack HOSTS DAYS DIR a pack of so many hosts and days, built and verified; DIR keeps
//                                 pack.asice, trust.json and tsa.pem
//   tom-bench status HOSTS        a status over one year
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/bench_modes.h"

namespace {

int Usage() {
  std::fprintf(stderr,
               "usage: tom-bench growth CYCLES | ingest REPORTS | ledger ENTRIES | pack HOSTS DAYS "
               "DIR | status HOSTS\n(CYCLES, REPORTS at least 8, ENTRIES 64, DAYS 2)\n");
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const int count = argc > 2 ? std::atoi(argv[2]) : 0;
  if (mode == "growth" && count >= 8) return tom::bench::Growth(count);
  if (mode == "ingest" && count >= 8) return tom::bench::Ingest(count);
  if (mode == "ledger" && count >= 64) return tom::bench::LedgerAppend(count);
  if (mode == "status" && count >= 1) return tom::bench::StatusYear(count);
  if (mode == "pack" && count >= 1 && argc > 4 && std::atoi(argv[3]) >= 2) {
    return tom::bench::Pack(count, std::atoi(argv[3]), argv[4]);
  }
  return Usage();
}
