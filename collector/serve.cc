#include "collector/serve.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "collector/pack/pack_export.h"
#include "collector/server/grpc_server.h"
#include "collector/server/tls13.h"
#include "collector/store/sqlite_store.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

sigset_t OurSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, number);
  return set;
}

absl::Status WritePortFile(const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  const std::string next = path + ".new";
  std::ofstream file(next);
  file << "grpc " << port << '\n';
  file.close();
  if (!file || std::rename(next.c_str(), path.c_str()) != 0) {
    return absl::PermissionDeniedError(path + ": cannot be written");
  }
  return absl::OkStatus();
}

absl::StatusOr<PackExporter> PacksOf(const Collector& collector, const CollectorConfig& config) {
  const Trust& trust = collector.state().trust;
  PackSettings settings;
  settings.scratch = config.state;
  settings.trust.ca_der = collector.state().ca_certificate;
  TOM_ASSIGN_OR_RETURN(settings.trust.log_key, ParseVkey(trust.log_vkey));
  TOM_ASSIGN_OR_RETURN(const CertificateInfo publisher, ReadCertificatePem(trust.publisher_pem));
  settings.trust.publisher_der = publisher.der;
  settings.trust.tsa_authorities = config.tsa.authorities;
  return PackExporter([settings](Store& store, const PackRequest& request, const PackEmit& emit) {
    return ExportPack(store, request, settings, emit);
  });
}

void LogStamp(const absl::Status& status) {
  if (status.ok()) {
    spdlog::info("ledger stamped");
  } else {
    spdlog::error("ledger not stamped: {}", std::string(status.message()));
  }
}

void WaitForTheEnd(Collector& collector, const sigset_t& signals) {
  for (int number = 0; sigwait(&signals, &number) == 0;) {
    if (number != SIGUSR1) return;
    LogStamp(collector.stamper().StampNow().status());
  }
}

}  // namespace

absl::Status Serve(const CollectorConfig& config, const std::string& port_file) {
  UseTls13Only();
  const sigset_t signals = OurSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts
  TOM_ASSIGN_OR_RETURN(CollectorState state, LoadState(config.state));
  TOM_ASSIGN_OR_RETURN(std::unique_ptr<Store> store, OpenSqliteStore(config.store_path));
  TOM_ASSIGN_OR_RETURN(
      const std::unique_ptr<Collector> collector,
      Collector::Open(std::move(state), std::move(store), config.tsa, SystemClock()));
  TOM_ASSIGN_OR_RETURN(PackExporter packs, PacksOf(*collector, config));
  TOM_ASSIGN_OR_RETURN(const std::unique_ptr<GrpcServer> server,
                       GrpcServer::Start(*collector, config.grpc_listen, std::move(packs)));
  if (config.tsa.url.empty()) {
    spdlog::warn("no time-stamp authority is configured: everything stays unanchored");
  }
  collector->stamper().Start(LogStamp);
  TOM_RETURN_IF_ERROR(WritePortFile(port_file, server->port()));
  spdlog::info("gRPC on port {}", server->port());
  WaitForTheEnd(*collector, signals);
  spdlog::info("stopping");
  return absl::OkStatus();
}

}  // namespace tom
