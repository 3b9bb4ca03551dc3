#include "tests/e2e/kill_collector/client.h"

#include <grpcpp/grpcpp.h>

#include "proto/tom/v1/enrolment.grpc.pb.h"
#include "proto/tom/v1/operator.grpc.pb.h"
#include "proto/tom/v1/reporting.grpc.pb.h"

namespace tom {
namespace {

// Waiting for the connection within the call: between calls nobody polls the socket, so a handshake
// would starve.
void Limit(grpc::ClientContext& context) {
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
}

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

void Fill(const Envelope& envelope, v1::SignedStatement* out) {
  out->set_payload(envelope.payload);
  out->set_signature(envelope.signature);
}

}  // namespace

struct Client::Stubs {
  std::unique_ptr<v1::Operator::Stub> people;
  std::unique_ptr<v1::Enrolment::Stub> enrolment;
  std::unique_ptr<v1::Reporting::Stub> reporting;
};

Client::Client(int port, const Identity& identity) : stubs_(std::make_unique<Stubs>()) {
  grpc::SslCredentialsOptions options{identity.ca_pem, identity.key_pem, identity.certificate};
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);  // how long a handshake may take
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  const auto channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                                 grpc::SslCredentials(options), arguments);
  stubs_->people = v1::Operator::NewStub(channel);
  stubs_->enrolment = v1::Enrolment::NewStub(channel);
  stubs_->reporting = v1::Reporting::NewStub(channel);
}

Client::~Client() = default;

absl::Status Client::SubmitStatement(const Envelope& statement,
                                     const std::vector<std::string>& blobs) {
  grpc::ClientContext context;
  Limit(context);
  v1::SubmitStatementRequest request;
  v1::SubmitStatementReply reply;
  Fill(statement, request.mutable_statement());
  for (const std::string& blob : blobs) request.add_blobs()->set_data(blob);
  return FromGrpc(stubs_->people->SubmitStatement(&context, request, &reply));
}

absl::StatusOr<std::pair<std::string, std::string>> Client::Begin(const std::string& token,
                                                                  const std::string& system) {
  grpc::ClientContext context;
  Limit(context);
  v1::BeginRequest request;
  v1::BeginReply reply;
  request.set_token(token);
  request.set_system(system);
  const absl::Status status = FromGrpc(stubs_->enrolment->Begin(&context, request, &reply));
  if (!status.ok()) return status;
  return std::make_pair(reply.host(), reply.authorisation());
}

absl::StatusOr<std::string> Client::Finish(const std::string& token, const Envelope& enrolment,
                                           const std::string& csr) {
  grpc::ClientContext context;
  Limit(context);
  v1::FinishRequest request;
  v1::FinishReply reply;
  request.set_token(token);
  Fill(enrolment, request.mutable_enrolment());
  request.set_csr(csr);
  const absl::Status status = FromGrpc(stubs_->enrolment->Finish(&context, request, &reply));
  if (!status.ok()) return status;
  return reply.certificate();
}

absl::StatusOr<bool> Client::Submit(const SignedReport& report) {
  grpc::ClientContext context;
  Limit(context);
  v1::SubmitRequest request;
  v1::SubmitReply reply;
  Fill(report.envelope, request.mutable_statement());
  for (const std::string& blob : report.blobs) request.add_blobs()->set_data(blob);
  const absl::Status status = FromGrpc(stubs_->reporting->Submit(&context, request, &reply));
  if (!status.ok()) return status;
  const v1::Ack& ack = reply.ack();
  if (ack.status() == v1::Ack::ACCEPTED || ack.status() == v1::Ack::DUPLICATE) return true;
  return absl::DataLossError("ack " + v1::Ack::Status_Name(ack.status()) + ": " + ack.reason());
}

}  // namespace tom
