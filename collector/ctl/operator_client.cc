#include "collector/ctl/operator_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

#include "collector/pki/private_file.h"
#include "collector/server/tls13.h"
#include "evidence/read_file.h"
#include "evidence/status_text.h"
#include "evidence/waiting_line.h"
#include "tom/v1/operator.grpc.pb.h"

namespace tom {
namespace {

constexpr size_t kMaxPem = 256 << 10;
constexpr int kMaxReply = 64 << 20;
constexpr std::chrono::seconds kCallDeadline(60);
constexpr std::chrono::hours kExportDeadline(2);

// What gRPC calls unavailable, in words that tell where to look.
std::string Unavailable(const CtlConfig& config, const std::string& text) {
  std::string out = config.collector + ": ";
  if (text.find("certificate verify failed") != std::string::npos) {
    return out + "its certificate is not one that " + config.ca_file + " (ca_file) has issued";
  }
  if (text.find("Socket closed") != std::string::npos) {
    return out + "closed the connection during the handshake: it does not accept " +
           config.cert_file + " (cert_file), or speaks no TLS 1.3";
  }
  return out + text;
}

void SetDeadline(grpc::ClientContext& context, std::chrono::seconds after) {
  context.set_deadline(std::chrono::system_clock::now() + after);
}

class GrpcOperatorClient : public OperatorClient {
 public:
  GrpcOperatorClient(CtlConfig config, const std::shared_ptr<grpc::Channel>& channel)
      : config_(std::move(config)), stub_(v1::Operator::NewStub(channel)) {}

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
    const WaitingLine waiting("asking the collector");
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
    const WaitingLine waiting("waiting for the stamp");
    TOM_RETURN_IF_ERROR(FromGrpc(stub_->Stamp(&context, v1::StampRequest(), &reply)));
    return StampedCheckpoint{reply.size(), reply.time(), reply.authority()};
  }

 private:
  absl::Status FromGrpc(const grpc::Status& status) const {
    if (status.ok()) return absl::OkStatus();
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      return absl::UnavailableError(Unavailable(config_, status.error_message()));
    }
    // The two lists of codes are one.
    return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
  }

  CtlConfig config_;
  std::unique_ptr<v1::Operator::Stub> stub_;
};

// Judged here, where the files can be named: a collector just closes the connection.
absl::Status CheckOperatorCertificate(const CtlConfig& config) {
  TOM_ASSIGN_OR_RETURN(const KeyPair pair, LoadKeyPair(config.cert_file, config.key_file, "TLS"));
  TOM_ASSIGN_OR_RETURN(const std::string ca_pem, ReadSmallFile(config.ca_file, kMaxPem));
  const auto ca = ReadCertificatePem(ca_pem);
  if (!ca.ok()) return Annotate(ca.status(), config.ca_file);
  const absl::Status issued =
      VerifyCertificate(pair.certificate.der, ca->der, Purpose::kOperatorTls,
                        static_cast<UnixSeconds>(std::time(nullptr)));
  return Annotate(issued, config.cert_file + " (cert_file) by " + config.ca_file + " (ca_file)");
}

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorClient>> ConnectOperator(const CtlConfig& config) {
  UseTls13Only();
  setenv("GRPC_VERBOSITY", "NONE", 0);  // its log says in other words what our errors say
  TOM_RETURN_IF_ERROR(CheckOperatorCertificate(config));
  grpc::SslCredentialsOptions options;
  TOM_ASSIGN_OR_RETURN(options.pem_root_certs, ReadSmallFile(config.ca_file, kMaxPem));
  TOM_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadSmallFile(config.cert_file, kMaxPem));
  TOM_ASSIGN_OR_RETURN(options.pem_private_key, ReadPrivateFile(config.key_file, kMaxPem));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReply);
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_NONE);
  const auto channel =
      grpc::CreateCustomChannel(config.collector, grpc::SslCredentials(options), arguments);
  return std::make_unique<GrpcOperatorClient>(config, channel);
}

}  // namespace tom
