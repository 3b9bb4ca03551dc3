#include "collector/ctl/operator_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "collector/pki/private_file.h"
#include "collector/server/tls13.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"
#include "tom/v1/operator.grpc.pb.h"

namespace tom {
namespace {

constexpr size_t kMaxPem = 256 << 10;
constexpr int kMaxReply = 64 << 20;
constexpr std::chrono::seconds kCallDeadline(60);
constexpr std::chrono::hours kExportDeadline(2);

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // The two lists of codes are one.
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

void SetDeadline(grpc::ClientContext& context, std::chrono::seconds after) {
  context.set_deadline(std::chrono::system_clock::now() + after);
}

class GrpcOperatorClient : public OperatorClient {
 public:
  explicit GrpcOperatorClient(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::Operator::NewStub(channel)) {}

  absl::StatusOr<SubmittedStatement> Submit(const Envelope& statement,
                                            const std::vector<std::string>& blobs) override {
    v1::SubmitStatementRequest request;
    request.mutable_statement()->set_payload(statement.payload);
    request.mutable_statement()->set_keyid(statement.keyid);
    request.mutable_statement()->set_signature(statement.signature);
    for (const std::string& blob : blobs) request.add_blobs()->set_data(blob);
    v1::SubmitStatementReply reply;
    grpc::ClientContext context;
    SetDeadline(context, kCallDeadline);
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->SubmitStatement(&context, request, &reply)));
    return SubmittedStatement{reply.digest(), reply.index(), reply.duplicate()};
  }

  absl::StatusOr<std::string> Query(const std::string& view,
                                    const std::map<std::string, std::string>& arguments) override {
    v1::QueryRequest request;
    request.set_view(view);
    for (const auto& [name, value] : arguments) (*request.mutable_arguments())[name] = value;
    v1::QueryReply reply;
    grpc::ClientContext context;
    SetDeadline(context, kCallDeadline);
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->Query(&context, request, &reply)));
    return reply.json();
  }

  absl::Status ExportPack(const PackQuery& query, const PackChunkSink& sink) override {
    v1::ExportPackRequest request;
    request.set_profile(query.profile);
    request.set_from(query.from);
    request.set_to(query.to);
    request.set_controller(query.controller);
    grpc::ClientContext context;
    SetDeadline(context, kExportDeadline);
    const auto reader = stub_->ExportPack(&context, request);
    v1::PackChunk chunk;
    absl::Status taken = absl::OkStatus();
    while (taken.ok() && reader->Read(&chunk)) {
      taken = sink(chunk.name(), chunk.data(), chunk.last());
    }
    if (!taken.ok()) context.TryCancel();
    const absl::Status finished = FromGrpc(reader->Finish());
    return taken.ok() ? finished : taken;
  }

  absl::StatusOr<std::string> GetBlob(const std::string& digest) override {
    v1::GetBlobRequest request;
    request.set_digest(digest);
    v1::GetBlobReply reply;
    grpc::ClientContext context;
    SetDeadline(context, kCallDeadline);
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->GetBlob(&context, request, &reply)));
    return reply.data();
  }

  absl::StatusOr<StampedCheckpoint> Stamp() override {
    v1::StampReply reply;
    grpc::ClientContext context;
    SetDeadline(context, kCallDeadline);
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->Stamp(&context, v1::StampRequest(), &reply)));
    return StampedCheckpoint{reply.size(), reply.time(), reply.authority()};
  }

 private:
  std::unique_ptr<v1::Operator::Stub> stub_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorClient>> ConnectOperator(const CtlConfig& config) {
  UseTls13Only();
  grpc::SslCredentialsOptions options;
  TOM_ASSIGN_OR_RETURN(options.pem_root_certs, ReadSmallFile(config.ca_file, kMaxPem));
  TOM_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadSmallFile(config.cert_file, kMaxPem));
  TOM_RETURN_IF_ERROR(CheckPrivate(config.key_file));
  TOM_ASSIGN_OR_RETURN(options.pem_private_key, ReadSmallFile(config.key_file, kMaxPem));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReply);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  const auto channel =
      grpc::CreateCustomChannel(config.collector, grpc::SslCredentials(options), arguments);
  return std::make_unique<GrpcOperatorClient>(channel);
}

}  // namespace tom
