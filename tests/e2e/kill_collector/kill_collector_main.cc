// SIGKILLs the collector in the middle of submissions, again and again. What it had acknowledged -
// by this client's own notes, not by the store's - must be there afterwards, and the ledger must
// verify.
//
//   kill_collector TOM_COLLECTOR FOLDER [KILLS]      exits 0 when everything held
#include <openssl/x509.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "collector/pki/state_dir.h"
#include "collector/server/tls13.h"
#include "evidence/openssl_ptr.h"
#include "evidence/read_file.h"
#include "tests/e2e/kill_collector/client.h"
#include "tests/e2e/kill_collector/verify_store.h"

namespace tom {
namespace {

constexpr int kHosts = 6;

std::atomic<pid_t> running{
    -1};  // the collector of this moment, so that no end of the test leaves it behind

// Every test step that cannot go on ends here.
template <typename T>
T Must(absl::StatusOr<T> value, const char* doing) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s: %s\n", doing, value.status().ToString().c_str());
  std::exit(1);
}
void Must(const absl::Status& status, const char* doing) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", doing, status.ToString().c_str());
  std::exit(1);
}

std::string MakeCsr(const PrivateKey& key) {
  const std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>> request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  return ToDer<i2d_X509_REQ>(request.get());
}

class Process {
 public:
  Process(std::string program, std::string folder)
      : program_(std::move(program)), folder_(std::move(folder)) {}

  void Start() {
    const std::string port_file = folder_ + "/port";
    unlink(port_file.c_str());
    std::ofstream(folder_ + "/collector.yaml")
        << "state: \"" << folder_ << "/state\"\nlisten: {grpc: \"127.0.0.1:" << port_ << "\"}\n";
    const std::string config = folder_ + "/collector.yaml";
    const char* arguments[] = {program_.c_str(), "serve",           "--config", config.c_str(),
                               "--port-file",    port_file.c_str(), nullptr};
    if (posix_spawn(&pid_, program_.c_str(), nullptr, nullptr, const_cast<char**>(arguments),
                    environ) != 0) {
      Must(absl::NotFoundError(program_), "start");
    }
    running = pid_;
    for (int i = 0; i < 3000; ++i) {
      std::string name;
      if (std::ifstream(port_file) >> name >> port_) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    Must(absl::DeadlineExceededError("the collector does not answer"), "start");
  }

  void End(int signal) {
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    running = -1;
  }

  int port() const { return port_; }

 private:
  const std::string program_;
  const std::string folder_;
  pid_t pid_ = -1;
  int port_ = 0;
};

// What the submitters share.
struct Board {
  std::mutex mutex;
  std::set<Digest> acknowledged;  // under mutex
  std::set<Digest> pending;       // under mutex: sent, no answer yet
  std::atomic<bool> stop{false};
  std::atomic<int> failed{0};
};

struct Member {
  TestHost host;
  Identity identity;
};

Member Enrol(int port, const std::string& ca_pem, const std::string& origin,
             const std::string& secret, const std::string& system) {
  Client client(port, {ca_pem, "", ""});
  const auto [host, authorisation] = Must(client.Begin(secret, system), "begin");
  const PrivateKey key = Must(PrivateKey::Generate(KeyKind::kP256), "key");
  const PrivateKey tls = Must(PrivateKey::Generate(KeyKind::kP256), "key");
  Enrolment enrolment;
  enrolment.common = {origin, std::nullopt, RandomId()};
  enrolment.authorisation = Must(Digest::FromHex(authorisation), "authorisation");
  enrolment.host = host;
  enrolment.system = system;
  enrolment.spki = key.public_key().spki();
  const Envelope envelope = Must(
      SignEnvelope(EncodeKindStatement(Kind::kEnrolment, ToPredicate(enrolment)), key), "sign");
  const std::string certificate = Must(client.Finish(secret, envelope, MakeCsr(tls)), "finish");
  return {TestHost(origin, host, key), {ca_pem, tls.ToPem(), DerToPem(certificate)}};
}

// Sends one report after the other, each until it is acknowledged.
void Send(int port, Member& member, Board& board) {
  Client client(port, member.identity);
  UnixSeconds now = std::time(nullptr);
  for (int turn = 0; !board.stop; ++turn) {
    member.host.SetVerdict("check-5m", turn % 7 == 3 ? Verdict::kFail : Verdict::kPass);
    const SignedReport report = member.host.Next(now);
    now = std::max(now, static_cast<UnixSeconds>(std::time(nullptr)));
    const Digest digest = report.envelope.StatementDigest();
    {
      const std::lock_guard<std::mutex> lock(board.mutex);
      board.pending.insert(digest);
    }
    while (!board.stop) {
      const absl::StatusOr<bool> durable = client.Submit(report);
      if (durable.ok()) {
        const std::lock_guard<std::mutex> lock(board.mutex);
        board.pending.erase(digest);
        board.acknowledged.insert(digest);
        break;
      }
      if (!absl::IsUnavailable(durable.status()) && !absl::IsDeadlineExceeded(durable.status())) {
        std::fprintf(stderr, "submit: %s\n", durable.status().ToString().c_str());
        ++board.failed;
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

// A kill is in the middle of submissions only where they go on: ends the test where they do not for
// half a minute.
size_t WaitForMore(Board& board, size_t least) {
  for (int i = 0; i < 3000; ++i) {
    {
      const std::lock_guard<std::mutex> lock(board.mutex);
      if (board.acknowledged.size() >= least) return board.acknowledged.size();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  Must(absl::DeadlineExceededError("nothing is acknowledged any more"), "submit");
  return 0;
}

std::vector<Member> EnrolAll(const Process& process, const std::string& folder,
                             const Trust& trust) {
  const auto read = [&](const std::string& name) {
    return Must(ReadSmallFile(folder + "/people/" + name, 1 << 20), "operator's files");
  };
  const TestPerson person{Must(PrivateKey::FromPem(read("operator.key")), "operator.key"),
                          Must(ReadCertificatePem(read("operator.pem")), "operator.pem").der};
  Client people(process.port(), {trust.ca_pem, read("operator-tls.key"), read("operator-tls.pem")});
  const std::string secret = RandomId();
  const EnrolmentAuthorisation authorisation =
      TestAuthorisation(person, trust.origin, secret, std::time(nullptr) + kDay, kHosts);
  Must(people.SubmitStatement(person.Sign(Kind::kEnrolmentAuthorisation, authorisation),
                              {person.certificate}),
       "authorise");
  std::vector<Member> members;
  for (int i = 0; i < kHosts; ++i) {
    members.push_back(
        Enrol(process.port(), trust.ca_pem, trust.origin, secret, "web-" + std::to_string(i)));
  }
  return members;
}

int Run(const std::string& program, const std::string& folder, int kills) {
  UseTls13Only();
  std::atexit([] {
    if (running > 0) kill(running, SIGKILL);
  });
  InitOptions init;
  init.state = folder + "/state";
  init.operator_dir = folder + "/people";
  init.now = std::time(nullptr);
  Must(InitState(init), "init");
  const Trust trust =
      Must(ParseTrust(Must(ReadSmallFile(init.state + "/trust.json", 1 << 20), "trust")), "trust");
  Process process(program, folder);
  process.Start();
  std::vector<Member> members = EnrolAll(process, folder, trust);
  Board board;
  std::vector<std::thread> senders;
  for (Member& member : members) {
    senders.emplace_back([&, port = process.port()] { Send(port, member, board); });
  }
  size_t acknowledged = 0;
  std::mt19937 random(std::random_device{}());
  for (int i = 1; i <= kills; ++i) {
    acknowledged = WaitForMore(board, acknowledged + kHosts);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 300)(random)));
    process.End(SIGKILL);
    {
      const std::lock_guard<std::mutex> lock(board.mutex);
      acknowledged = board.acknowledged.size();
      std::printf("kill %d: %zu acknowledged, %zu pending\n", i, board.acknowledged.size(),
                  board.pending.size());
      for (const Digest& digest : board.pending) {
        std::printf("  pending %s\n", digest.Hex().c_str());
      }
    }
    process.Start();
  }
  WaitForMore(board, acknowledged + kHosts);
  board.stop = true;
  for (std::thread& sender : senders) sender.join();
  process.End(SIGTERM);
  const StoreFacts facts =
      Must(VerifyStore(init.state + "/store.db", trust, board.acknowledged), "verify");
  std::printf("held: %zu acknowledged reports, %zu in the store, ledger of %zu leaves\n",
              board.acknowledged.size(), static_cast<size_t>(facts.reports),
              static_cast<size_t>(facts.ledger_size));
  if (board.failed > 0 || board.acknowledged.empty()) {
    std::fprintf(stderr, "%d senders were refused\n", board.failed.load());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace tom

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: kill_collector TOM_COLLECTOR FOLDER [KILLS]\n");
    return 64;
  }
  return tom::Run(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 20);
}
