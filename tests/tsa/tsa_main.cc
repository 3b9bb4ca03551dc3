// tom-tsa: a throw-away RFC 3161 time-stamp authority over HTTP on loopback, for deploy/quickstart
// and the tests. Its time is this machine's own, so its stamps prove nothing to an outsider: every
// certificate says "demonstration".
#include <httplib.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "tests/tsa/authority.h"

namespace tom {
namespace {

struct Options {
  std::string dir;
  std::string port_file;
  Lies lies;
  bool garbage = false;
  int stall_seconds = 0;
  int max_requests = 0;  // 0: no end
};

constexpr size_t kMaxRequestBytes = 65536;  // a request is below 200 bytes

// The file appears whole or not at all, so that a script may poll for it.
bool WritePort(const std::string& path, int port) {
  const std::string fresh = path + ".new";
  std::ofstream out(fresh);
  out << port << '\n';
  out.close();
  return out.good() && std::rename(fresh.c_str(), path.c_str()) == 0;
}

void Answer(const Options& options, const TimeStampAuthority& authority,
            const httplib::Request& request, httplib::Response& response) {
  constexpr char kType[] = "application/timestamp-reply";
  if (options.garbage) {
    response.set_content(std::string("\x30\x82\xff\xff not a time-stamp", 21), kType);
    return;
  }
  if (request.get_header_value("Content-Type") != "application/timestamp-query") {
    response.status = 415;
    return;
  }
  const absl::StatusOr<std::string> reply = authority.Reply(request.body, options.lies);
  if (!reply.ok()) {
    std::cerr << "tom-tsa: " << reply.status().message() << '\n';
    response.status = 500;
    return;
  }
  response.set_content(*reply, kType);
}

// Serves until SIGTERM or SIGINT, or until --max-requests are answered.
int Serve(const Options& options, const TimeStampAuthority& authority) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread starts: all inherit it

  httplib::Server server;
  std::atomic<int> answered = 0;
  std::atomic<bool> ending = false;
  server.set_payload_max_length(kMaxRequestBytes);
  server.set_keep_alive_max_count(1);
  server.Post(".*", [&](const httplib::Request& request, httplib::Response& response) {
    const int count = ++answered;
    for (int i = 0; i < options.stall_seconds * 10 && !ending; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (options.max_requests > 0 && count > options.max_requests) {
      response.status = 503;
      return;
    }
    Answer(options, authority, request, response);
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  if (port <= 0) {
    std::cerr << "tom-tsa: no free port on 127.0.0.1\n";
    return 69;
  }
  // The socket listens already: a client that reads the file now is only queued.
  if (!WritePort(options.port_file, port)) {
    std::cerr << "tom-tsa: cannot write " << options.port_file << '\n';
    return 73;
  }
  std::atomic<bool> over = false;  // the listener has ended, for whatever reason
  std::thread waiter([&] {
    const timespec pause = {.tv_sec = 0, .tv_nsec = 100'000'000};
    while (!over && sigtimedwait(&ends, nullptr, &pause) < 0) {
    }
    ending = true;
    while (!over && !server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    server.stop();
  });
  std::cerr << "tom-tsa: demonstration authority on http://127.0.0.1:" << port << "/\n";
  server.listen_after_bind();
  over = true;
  waiter.join();
  std::remove(options.port_file.c_str());
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "A throw-away RFC 3161 time-stamp authority on loopback.\n"
      "Example: tom-tsa --dir /run/user/1000/tsa --port-file /run/user/1000/tsa/port"};
  app.add_option("--dir", options.dir, "folder of tsa.key and tsa.pem, made when missing")
      ->required();
  app.add_option("--port-file", options.port_file, "where the port number is written")->required();
  app.add_option("--clock-offset", options.lies.clock_offset_seconds,
                 "seconds added to the time that it states");
  app.add_flag("--refuse", options.lies.refuse, "answer every request with a rejection");
  app.add_flag("--garbage", options.garbage, "answer with bytes that are no time-stamp");
  app.add_option("--stall", options.stall_seconds, "seconds to wait before each answer")
      ->check(CLI::Range(0, 3600));
  app.add_option("--max-requests", options.max_requests, "answer so many, then 503")
      ->check(CLI::Range(0, 1000000));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  std::error_code error;
  std::filesystem::create_directories(options.dir, error);
  if (error) {
    std::cerr << "tom-tsa: " << options.dir << ": " << error.message() << '\n';
    return 73;
  }
  const absl::StatusOr<TimeStampAuthority> authority = TimeStampAuthority::Open(options.dir);
  if (!authority.ok()) {
    std::cerr << "tom-tsa: " << authority.status().message() << '\n';
    return 1;
  }
  return Serve(options, *authority);
}

}  // namespace
}  // namespace tom

int main(int argc, char** argv) { return tom::Main(argc, argv); }
