// The Operator service and the server around all services.
#include "collector/server/grpc_server.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <limits>

#include "collector/assessment/views.h"
#include "collector/server/grpc_call.h"
#include "evidence/status_text.h"
#include "proto/tom/v1/operator.grpc.pb.h"
#include "proto/unknown_fields.h"

namespace tom {
namespace {

constexpr int kMaxReceive = 10 << 20;  // a catalogue (8 MiB) with its statement
constexpr size_t kChunkBytes = 256 << 10;
constexpr int kMaxThreads = 256;
constexpr auto kStopDeadline = std::chrono::seconds(5);

absl::StatusOr<PackRequest> ReadPackRequest(const v1::ExportPackRequest& request) {
  PackRequest out;
  out.profile = request.profile();
  if (!request.from().empty()) {
    TOM_ASSIGN_OR_RETURN(out.from, ParseUtc(request.from()));
  }
  if (!request.to().empty()) {
    TOM_ASSIGN_OR_RETURN(out.to, ParseUtc(request.to()));
  }
  if (!request.controller().empty()) out.controller = request.controller();
  return out;
}

// One file in chunks; the client has gone when a write fails.
absl::Status WriteFile(grpc::ServerWriter<v1::PackChunk>& writer, std::string_view name,
                       std::string_view bytes) {
  bool first = true;
  do {
    v1::PackChunk chunk;
    if (first) chunk.set_name(std::string(name));
    first = false;
    const std::string_view part = bytes.substr(0, kChunkBytes);
    chunk.set_data(std::string(part));
    bytes.remove_prefix(part.size());
    chunk.set_last(bytes.empty());
    if (!writer.Write(chunk)) return absl::CancelledError("the caller has gone");
  } while (!bytes.empty());
  return absl::OkStatus();
}

class OperatorService final : public v1::Operator::Service {
 public:
  OperatorService(Collector& collector, PackExporter exporter)
      : collector_(collector), exporter_(std::move(exporter)) {}

  grpc::Status SubmitStatement(grpc::ServerContext* context,
                               const v1::SubmitStatementRequest* request,
                               v1::SubmitStatementReply* reply) override {
    const auto caller =
        AdmitCall(collector_, *context, *request, "tom.v1.Operator.SubmitStatement");
    if (!caller.ok()) return ToGrpc(caller.status());
    std::vector<std::string> blobs;
    for (const v1::Blob& blob : request->blobs()) blobs.push_back(blob.data());
    const v1::SignedStatement& statement = request->statement();
    const auto logged = collector_.statements().Submit(
        {statement.payload(), statement.signature(), statement.keyid()}, std::move(blobs));
    if (!logged.ok()) return ToGrpc(logged.status());
    reply->set_digest(logged->digest.Hex());
    reply->set_index(logged->index);
    reply->set_duplicate(logged->duplicate);
    return grpc::Status::OK;
  }

  grpc::Status Query(grpc::ServerContext* context, const v1::QueryRequest* request,
                     v1::QueryReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Operator.Query");
    if (!caller.ok()) return ToGrpc(caller.status());
    ViewRequest view_request{request->view(), {}, collector_.Now(), &collector_.state().trust};
    for (const auto& [name, value] : request->arguments()) view_request.arguments[name] = value;
    absl::StatusOr<std::string> json = absl::InternalError("not asked");
    const absl::Status status = collector_.store().Read([&](const StoreView& view) {
      json = QueryView(view, view_request);
      return json.status();
    });
    if (!status.ok()) return ToGrpc(status);
    reply->set_json(*json);
    return grpc::Status::OK;
  }

  grpc::Status ExportPack(grpc::ServerContext* context, const v1::ExportPackRequest* request,
                          grpc::ServerWriter<v1::PackChunk>* writer) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Operator.ExportPack");
    if (!caller.ok()) return ToGrpc(caller.status());
    if (!exporter_) return ToGrpc(absl::UnimplementedError("packs: this server makes none"));
    const absl::StatusOr<PackRequest> pack = ReadPackRequest(*request);
    if (!pack.ok()) return ToGrpc(pack.status());
    return ToGrpc(
        exporter_(collector_.store(), *pack, [&](std::string_view name, std::string_view bytes) {
          return WriteFile(*writer, name, bytes);
        }));
  }

  grpc::Status Stamp(grpc::ServerContext* context, const v1::StampRequest* request,
                     v1::StampReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Operator.Stamp");
    if (!caller.ok()) return ToGrpc(caller.status());
    const auto stamp = collector_.stamper().StampNow();
    if (!stamp.ok()) return ToGrpc(stamp.status());
    reply->set_size(stamp->row.size);
    reply->set_time(FormatUtc(stamp->row.time));
    reply->set_authority(stamp->authority);
    return grpc::Status::OK;
  }

  grpc::Status GetBlob(grpc::ServerContext* context, const v1::GetBlobRequest* request,
                       v1::GetBlobReply* reply) override {
    const auto caller = AdmitCall(collector_, *context, *request, "tom.v1.Operator.GetBlob");
    if (!caller.ok()) return ToGrpc(caller.status());
    const auto digest = Digest::FromHex(request->digest());
    if (!digest.ok()) return ToGrpc(Annotate(digest.status(), "digest"));
    absl::StatusOr<std::string> blob = absl::InternalError("not asked");
    const absl::Status status = collector_.store().Read([&](const StoreView& view) {
      blob = view.Blob(*digest);
      return blob.status();
    });
    if (!status.ok()) return ToGrpc(status);
    reply->set_data(*std::move(blob));
    return grpc::Status::OK;
  }

 private:
  Collector& collector_;
  const PackExporter exporter_;
};

std::shared_ptr<grpc::ServerCredentials> Credentials(const CollectorState& state) {
  // Without a certificate only enrolment gets past the authorisation table; a foreign one ends the
  // handshake.
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = state.ca_pem + state.host_ca_pem;
  options.pem_key_cert_pairs.push_back({state.tls_key_pem, state.tls_pem});
  return grpc::SslServerCredentials(options);
}

Issuers IssuersOf(const CollectorState& state) {
  return {state.ca_certificate, state.host_ca.certificate};
}

void SetBounds(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxReceive);
  builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("collector");
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
}

}  // namespace

absl::StatusOr<Caller> AdmitCall(Collector& collector, const grpc::ServerContext& context,
                                 const google::protobuf::Message& request,
                                 std::string_view method) {
  std::string pem;
  for (const grpc::string_ref& part :
       context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME)) {
    pem.assign(part.data(), part.size());
  }
  absl::StatusOr<Caller> caller = absl::InternalError("not asked");
  const absl::Status status = collector.store().Read([&](const StoreView& view) {
    caller = Authorise(view, method, pem, IssuersOf(collector.state()), collector.Now());
    return caller.status();
  });
  if (!status.ok()) return status;
  if (HasUnknownFields(request)) return BadData("request: has fields that this version lacks");
  return caller;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

Services OperatorServices(Collector& collector, PackExporter exporter) {
  return {std::make_shared<OperatorService>(collector, std::move(exporter))};
}

struct GrpcServer::Parts {
  Services services;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(Collector& collector,
                                                              const std::string& listen,
                                                              PackExporter exporter) {
  std::unique_ptr<GrpcServer> out(new GrpcServer);  // NOLINT: private constructor
  out->parts_ = std::make_unique<Parts>();
  out->parts_->services = AgentServices(collector);
  for (auto& service : OperatorServices(collector, std::move(exporter))) {
    out->parts_->services.push_back(service);
  }
  grpc::ServerBuilder builder;
  SetBounds(builder);
  builder.AddListeningPort(listen, Credentials(collector.state()), &out->port_);
  for (const auto& service : out->parts_->services) builder.RegisterService(service.get());
  out->parts_->server = builder.BuildAndStart();
  if (out->parts_->server == nullptr || out->port_ == 0) {
    return absl::UnavailableError("cannot listen on " + listen);
  }
  return out;
}

GrpcServer::~GrpcServer() {
  if (parts_ == nullptr || parts_->server == nullptr) return;
  parts_->server->Shutdown(std::chrono::system_clock::now() + kStopDeadline);
  parts_->server->Wait();
}

}  // namespace tom
