// The measurements of tom-bench (bench_main.cc), one a file. Each prints one line of JSON and gives
// the exit code.
#ifndef TOM_TESTS_BENCH_BENCH_MODES_H_
#define TOM_TESTS_BENCH_BENCH_MODES_H_

#include <string>

namespace tom::bench {

int Growth(int cycles);
int Ingest(int reports);
int LedgerAppend(int entries);
int Pack(int hosts, int days, const std::string& folder);
int StatusYear(int hosts);

}  // namespace tom::bench

#endif  // TOM_TESTS_BENCH_BENCH_MODES_H_
