// For tests alone: tomctl against a collector that is a table of answers. Keys, certificates, trust
// file and configuration are real ones, as `tom-collector init` makes them.
#ifndef TOM_COLLECTOR_CTL_TEST_CTL_H_
#define TOM_COLLECTOR_CTL_TEST_CTL_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "collector/ctl/command_line.h"
#include "collector/pki/state_dir.h"

namespace tom::test {

// What the fake collector answers, and what it was told.
struct FakeCollector {
  absl::Status down;                                      // not ok: every call gives this
  std::map<std::string, std::string> views;               // name -> JSON; another name is NotFound
  std::map<std::string, std::string> blobs;               // digest -> bytes
  std::vector<std::pair<std::string, std::string>> pack;  // files of an export, in order
  StampedCheckpoint stamp;

  std::vector<std::pair<std::string, std::map<std::string, std::string>>> asked;
  std::vector<PackQuery> exports;
  struct Received {
    Envelope statement;
    std::vector<std::string> blobs;
  };
  std::vector<Received> received;
};

class FakeOperatorClient : public OperatorClient {
 public:
  explicit FakeOperatorClient(FakeCollector& collector) : collector_(collector) {}

  absl::StatusOr<SubmittedStatement> Submit(const Envelope& statement,
                                            const std::vector<std::string>& blobs) override {
    if (!collector_.down.ok()) return collector_.down;
    collector_.received.push_back({statement, blobs});
    return SubmittedStatement{statement.StatementDigest().Hex(), collector_.received.size(), false};
  }
  absl::StatusOr<std::string> Query(const std::string& view,
                                    const std::map<std::string, std::string>& arguments) override {
    if (!collector_.down.ok()) return collector_.down;
    collector_.asked.emplace_back(view, arguments);
    const auto found = collector_.views.find(view);
    if (found == collector_.views.end()) return absl::NotFoundError("view: no " + view);
    return found->second;
  }
  absl::Status ExportPack(const PackQuery& query, const PackChunkSink& sink) override {
    if (!collector_.down.ok()) return collector_.down;
    collector_.exports.push_back(query);
    for (const auto& [name, bytes] : collector_.pack) {
      const size_t half = bytes.size() / 2;  // two chunks: the name stands on the first alone
      absl::Status status = sink(name, std::string_view(bytes).substr(0, half), false);
      if (status.ok()) status = sink("", std::string_view(bytes).substr(half), true);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> GetBlob(const std::string& digest) override {
    if (!collector_.down.ok()) return collector_.down;
    const auto found = collector_.blobs.find(digest);
    if (found == collector_.blobs.end()) return absl::NotFoundError("blob: no " + digest);
    return found->second;
  }
  absl::StatusOr<StampedCheckpoint> Stamp() override {
    if (!collector_.down.ok()) return collector_.down;
    return collector_.stamp;
  }

 private:
  FakeCollector& collector_;
};

struct CtlRun {
  int code = 0;
  std::string out, err;
};

// One installation in a temporary folder, which goes with the object.
class CtlWorld {
 public:
  CtlWorld() {
    std::string pattern = testing::TempDir() + "tom-ctl-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    InitOptions options;
    options.state = Path("state");
    options.operator_dir = Path("operator");
    options.origin = "example.org/tom";
    options.now = static_cast<UnixSeconds>(std::time(nullptr));
    const absl::Status made = InitState(options);
    if (!made.ok()) throw std::runtime_error(made.ToString());
  }
  ~CtlWorld() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CtlWorld(const CtlWorld&) = delete;
  CtlWorld& operator=(const CtlWorld&) = delete;

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Config() const { return Path("operator/tomctl.yaml"); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // Exactly these arguments.
  CtlRun Bare(const std::vector<std::string>& arguments, bool terminal = false) {
    std::ostringstream out;
    std::ostringstream err;
    const Connector connect =
        [this](const CtlConfig& config) -> absl::StatusOr<std::unique_ptr<OperatorClient>> {
      connected_with = config;
      return std::make_unique<FakeOperatorClient>(collector);
    };
    const int code = RunTomctl(arguments, {out, err, terminal, connect});
    return {code, out.str(), err.str()};
  }
  // With this installation's configuration.
  CtlRun Run(std::vector<std::string> arguments, bool terminal = false) {
    arguments.insert(arguments.begin(), {"--config", Config()});
    return Bare(arguments, terminal);
  }

  FakeCollector collector;
  CtlConfig connected_with;

 private:
  std::string folder_;
};

// A variable of the environment, as it was again afterwards.
class ScopedVariable {
 public:
  ScopedVariable(const std::string& name, const std::string& value) : name_(name) {
    const char* old = std::getenv(name.c_str());
    had_ = old != nullptr;
    if (had_) old_ = old;
    setenv(name.c_str(), value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (had_) {
      setenv(name_.c_str(), old_.c_str(), 1);
    } else {
      unsetenv(name_.c_str());
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  std::string name_, old_;
  bool had_ = false;
};

}  // namespace tom::test

#endif  // TOM_COLLECTOR_CTL_TEST_CTL_H_
