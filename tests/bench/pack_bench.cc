// An evidence pack built out of a real store and verified, beside what nobody who does either can
// leave out.
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "collector/pack/pack_writer.h"
#include "evidence/pack_reader.h"
#include "evidence/verify.h"
#include "tests/bench/bench_modes.h"
#include "tests/bench/bench_tools.h"
#include "tests/bench/bench_town.h"

namespace tom::bench {
namespace {

constexpr int kRounds = 3;

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// What `tomctl pack build` and the collector do for it, in one process.
void Build(BenchTown& bench, const std::string& path) {
  test::TestTown& town = bench.town;
  unlink(path.c_str());
  const std::unique_ptr<PackWriter> writer = PackWriter::Create(path).value();
  PackRequest request;
  request.profile = bench.profile.id;
  Must(ExportPack(town.collector.collector->store(), request, town.Settings(),
                  [&](const std::string& name, std::string_view bytes) {
                    absl::Status status = writer->Begin(name);
                    if (status.ok()) status = writer->Append(bytes);
                    return status.ok() ? writer->End() : status;
                  }));
  const auto now = static_cast<UnixSeconds>(std::time(nullptr));
  const TestPerson signer = TestPerson::Make(town.collector.ca(), Purpose::kPackSigner, now);
  Must(writer->Finish({signer.certificate, PrivateKey::FromPem(signer.key.ToPem()).value()},
                      [&](const Digest& imprint) { return town.stamper.Token(now, imprint); }));
}

VerifyOptions Options(const BenchTown& bench) {
  const EvidenceTrust trust = bench.town.Settings().trust;
  VerifyOptions options;
  options.ca_der = trust.ca_der;
  options.log_key = trust.log_key;
  options.publisher_der = trust.publisher_der;
  options.tsa_authorities = trust.tsa_authorities;
  options.at = static_cast<UnixSeconds>(std::time(nullptr)) + 60;
  return options;
}

// Gives how many signatures of statements the verifier says it has verified.
size_t Verify(const BenchTown& bench, const std::string& path) {
  const Verification verification = VerifyPack(path, Options(bench)).value();
  size_t signatures = 0;
  for (const Claim& claim : verification.claims) {
    if (claim.state == ClaimState::kDisproven) Stop(claim.claim + ": " + claim.detail);
    if (claim.claim == "verdicts-recomputed" && claim.state != ClaimState::kProven) {
      Stop(claim.claim + ": " + claim.detail);
    }
    if (claim.claim != "statement-signatures") continue;
    std::from_chars(claim.detail.data(), claim.detail.data() + claim.detail.size(), signatures);
  }
  if (signatures == 0) Stop("the verifier verified no signature");
  return signatures;
}

// Every byte read, summed as ZIP does and hashed as the signature does.
uint64_t HashAll(const std::string& bytes) {
  return Sha256(bytes).Raw()[0] +
         crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

size_t StampCount(const BenchTown& bench) {
  size_t count = 0;
  Must(bench.town.collector.collector->store().Read([&](const StoreView& view) {
    count = view.Stamps().value().size();
    return absl::OkStatus();
  }));
  return count;
}

// Every byte of the pack read, hashed and summed; every JSON text of its evidence parsed once into
// nothing; every statement hashed; `signatures` verified.
double LeastToVerify(const BenchTown& bench, const std::string& path, size_t signatures) {
  PlainSqlite json(":memory:");
  const Stopwatch watch;
  uint64_t sum = HashAll(ReadWhole(path));
  const PackReader pack = PackReader::Open(path).value();
  for (const std::string& name : pack.names()) {
    if (name.compare(0, 9, "evidence/") != 0) continue;
    sum += json.IsJson(pack.Read(name).value()) ? 1 : 0;
  }
  for (const test::Host& host : bench.town.hosts) {
    for (const auto& entry : host.runs.front().entries) {
      const Envelope envelope{entry.logged.payload, entry.logged.signature, entry.logged.keyid};
      sum += static_cast<unsigned char>(envelope.StatementDigest().Raw()[0]);
      if (signatures == 0) continue;
      --signatures;
      if (!VerifyEnvelope(envelope, host.key->public_key()).ok()) Stop("a signature is wrong");
    }
  }
  if (sum == 0) Stop("nothing was hashed");
  return watch.Seconds();
}

// The rows that a pack is made of read from the store, as they lie there, and the pack's bytes
// hashed, summed, written and made durable.
double LeastToBuild(const BenchTown& bench, const std::string& path) {
  const std::string bytes = ReadWhole(path);
  const std::string copy = path + ".copy";
  PlainSqlite store(bench.town.collector.folder + "/state/store.db");
  const Stopwatch watch;
  int64_t rows = 0;
  for (const char* table : {"report", "body", "blob", "statement", "interval", "presence"}) {
    rows += store.Scan(table);
  }
  if (rows == 0 || HashAll(bytes) == 0) Stop("the store is empty");
  const int fd = open(copy.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      fsync(fd) != 0 || close(fd) != 0) {
    Stop(copy + ": cannot be written");
  }
  const double seconds = watch.Seconds();
  unlink(copy.c_str());
  return seconds;
}

size_t Reports(const BenchTown& bench) {
  size_t reports = 0;
  for (const test::Host& host : bench.town.hosts) reports += host.runs.front().entries.size();
  return reports;
}

}  // namespace

int Pack(int hosts, int days, const std::string& folder) {
  BenchTown bench(hosts);
  const Stopwatch making;
  bench.Live(days);
  std::fprintf(stderr, "%zu reports ingested in %.1f s\n", Reports(bench), making.Seconds());
  const std::string path = folder + "/pack.asice";
  WriteFile(folder + "/trust.json", bench.town.collector.collector->state().trust_bytes);
  WriteFile(folder + "/tsa.pem", bench.town.world.pki.ca().cert_pem);
  double build = 0;
  double build_least = 0;
  double verify = 0;
  double verify_least = 0;
  for (int round = 0; round < kRounds; ++round) {  // by turns: what else runs here meets all
    const Stopwatch building;
    Build(bench, path);
    build += building.Seconds();
    build_least += LeastToBuild(bench, path);
    const Stopwatch verifying;
    const size_t signatures = Verify(bench, path) + 2 * StampCount(bench);
    verify += verifying.Seconds();
    verify_least += LeastToVerify(bench, path, signatures);
  }
  const double reports = static_cast<double>(Reports(bench)) * kRounds;
  std::printf(
      "{\"reports\": %zu, \"mib\": %.2f, \"build_per_second\": %.1f, "
      "\"build_limit_per_second\": %.1f, \"verify_per_second\": %.1f, "
      "\"verify_limit_per_second\": %.1f}\n",
      Reports(bench), FileBytes(path) / (1 << 20), reports / build, reports / build_least,
      reports / verify, reports / verify_least);
  return 0;
}

}  // namespace tom::bench
