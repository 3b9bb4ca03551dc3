#include "agent/evaluate.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>

#include "agent/evaluate_format.h"
#include "evidence/row.h"

namespace tom {
namespace {

// A table that gives one row, and does what its column asks on the way.
Table Behaving(const std::string& name, const std::function<void()>& act) {
  return {.name = name,
          .description = "",
          .columns = {{.name = "who", .description = "", .personal = "user"}},
          .generate = [act](Env&, const TableContext&, RowSink& sink) {
            act();
            sink.Add({{"who", "ann"}});
            return absl::OkStatus();
          }};
}

int Child(int request_fd, int reply_fd) {
  return EvaluatorMain(request_fd, reply_fd,
                       {Behaving("good", [] {}), Behaving("hangs", [] { sleep(60); }),
                        Behaving("crashes", [] { raise(SIGKILL); }),
                        Behaving("exits", [] { _exit(7); }), Behaving("babbles", [] {
                          const char text[] = "{\"x\":1}\n";
                          (void)!write(1, text, 0);
                        })});
}

CheckJob Job(const std::string& table) {
  CheckJob job;
  job.check.id = "over-" + table;
  job.check.measure = "m";
  job.check.title = "t";
  job.check.severity = "low";
  job.check.interval = "1h";
  job.check.runs_on = "host";
  job.check.when_empty = "unknown";
  job.check.query = "SELECT who AS subject, 'pass' AS verdict, 'r' AS reason FROM " + table;
  job.profiles = {"p"};
  return job;
}

EvaluateRequest Request(std::initializer_list<const char*> tables) {
  EvaluateRequest request;
  for (const char* table : tables) request.jobs.push_back(Job(table));
  request.check_seconds = 1;
  return request;
}

std::string Show(const absl::StatusOr<std::vector<CheckOutcome>>& outcomes) {
  if (!outcomes.ok()) return std::string(outcomes.status().message());
  std::string text;
  for (const CheckOutcome& outcome : *outcomes) {
    text += outcome.check + " " + outcome.rows.at(0).subject + " " +
            std::string(VerdictName(outcome.rows.at(0).verdict)) + "\n";
  }
  return text;
}

TEST(Evaluate, GivesAnOutcomeForEachJobInOrder) {
  const auto outcomes = Evaluate(Request({"good", "good"}), Child);
  EXPECT_EQ(Show(outcomes), "over-good ann pass\nover-good ann pass\n");
  EXPECT_EQ((*outcomes)[0].profiles, std::vector<std::string>{"p"});
  EXPECT_EQ(Show(Evaluate(Request({}), Child)), "");
}

TEST(Evaluate, AHangOrACrashCostsOneUnknown) {
  const auto start = std::chrono::steady_clock::now();
  const auto outcomes =
      Evaluate(Request({"good", "hangs", "good", "crashes", "exits", "good"}), Child);
  EXPECT_EQ(
      Show(outcomes),
      "over-good ann pass\nover-hangs host unknown\nover-good ann pass\nover-crashes host unknown\n"
      "over-exits host unknown\nover-good ann pass\n");
  EXPECT_EQ((*outcomes)[1].rows[0].reason, "deadline: killed after 1 s");
  EXPECT_EQ((*outcomes)[3].rows[0].reason, "the evaluator ended by signal 9");
  EXPECT_EQ((*outcomes)[4].rows[0].reason, "the evaluator ended with status 7");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Evaluate, ALyingChildGivesNoPass) {
  const char* replies[] = {
      "garbage\n",
      "{\"start\":0}\n{\"start\":0}\n",
      "{\"duration_ms\":0,\"job\":0,\"rows\":[]}\n",
      "{\"start\":1}\n",
      "{\"start\":0}\n{\"duration_ms\":0,\"job\":1,\"rows\":[{\"aside\":{},\"evidence\":{},"
      "\"reason\":\"\",\"subject\":"
      "\"x\",\"verdict\":\"pass\"}]}\n",
      "{\"duration_ms\":0,\"job\":0,\"rows\":[{\"aside\":{},\"evidence\":{},\"reason\":\"\","
      "\"subject\":\"x\","
      "\"verdict\":\"pass\"}]}\n",
      "",
  };
  for (const std::string reply : replies) {
    const auto outcomes = Evaluate(Request({"good"}), [reply](int, int fd) {
      return write(fd, reply.data(), reply.size()) < 0 ? 1 : 0;
    });
    EXPECT_EQ(Show(outcomes), "over-good host unknown\n") << reply;
  }
}

TEST(Evaluate, PeopleAreHiddenInRowsAndParameters) {
  EvaluateRequest request = Request({"good"});
  request.pseudonym_key = "key";
  CheckJob& job = request.jobs[0];
  job.check.parameters["names"] = {
      .value = Json::Array{}, .type = "list", .stricter = "subset", .personal = "user"};
  job.values["names"] = Json::Array{"ann"};
  job.sources["names"] = "host";
  job.check.query =
      "SELECT who AS subject, 'pass' AS verdict, '' AS reason FROM good WHERE who IN (SELECT value "
      "FROM "
      "json_each(:names))";
  const auto outcomes = Evaluate(request, Child);
  const std::string pseudonym = Pseudonym("key", "user", "ann");
  EXPECT_EQ(Show(outcomes), "over-good " + pseudonym + " pass\n");
  EXPECT_EQ((*outcomes)[0].values.at("names").AsArray()[0].AsString(), pseudonym);
  // What the profile says is published, and a verifier must find it; SQL compares pseudonyms all
  // the same.
  job.sources["names"] = "profile";
  const auto published = Evaluate(request, Child);
  EXPECT_EQ(Show(published), "over-good " + pseudonym + " pass\n");
  EXPECT_EQ((*published)[0].values.at("names").AsArray()[0].AsString(), "ann");
}

// Tries what an evaluator must not be able to do; the row's name says which of it worked.
Table Escapes() {
  return {.name = "escapes",
          .description = "",
          .columns = {{.name = "who", .description = ""}},
          .generate = [](Env&, const TableContext&, RowSink& sink) {
            std::string worked;
            if (mkdir("/tmp/tom_escape", 0700) == 0) worked += " mkdir";
            if (chmod("/tmp", 01777) == 0) worked += " chmod";
            if (unshare(CLONE_NEWUSER) == 0) worked += " unshare";
            if (socket(AF_INET, SOCK_STREAM, 0) >= 0) worked += " socket";
            if (open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0) worked += " open";
            char* const argv[] = {const_cast<char*>("true"), nullptr};
            pid_t child = -1;
            if (posix_spawn(&child, "/bin/true", nullptr, nullptr, argv, nullptr) == 0) {
              worked += " exec";
            }
            int status = 0;
            wait(&status);
            sink.Add({{"who", "tried" + worked}});
            return absl::OkStatus();
          }};
}

TEST(Evaluate, TheChildIsConfined) {
  const ChildMain child = [](int request_fd, int reply_fd) {
    return EvaluatorMain(request_fd, reply_fd, {Escapes()});
  };
  EvaluateRequest request = Request({"escapes"});
  request.mode = RootMode::kDeadTree;
  EXPECT_EQ(Show(Evaluate(request, child)), "over-escapes tried pass\n");
  request.mode = RootMode::kLive;
  EXPECT_EQ(Show(Evaluate(request, child)), "over-escapes tried socket open exec pass\n");
}

TEST(EvaluateFormat, RequestsAndRepliesReadBack) {
  EvaluateRequest request = Request({"good", "hangs"});
  request.mode = RootMode::kDeadTree;
  request.root = "/x";
  request.jobs[1].check.parameters["l"] = {
      .value = Json::Array{"a"}, .type = "list", .stricter = "subset", .personal = ""};
  request.jobs[1].values["l"] = Json::Array{};
  request.overrides = {{"c", "p", "1", "2"}};
  const std::string bytes = EncodeRequest(request, {1});
  const auto back = ParseRequest(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->indices, std::vector<size_t>{1});
  EXPECT_EQ(back->request.jobs[0].values.at("l"), Json(Json::Array{}));
  EXPECT_EQ(back->request.mode, RootMode::kDeadTree);
  RowResult row;
  row.subject = "a\xff";
  row.valid_until = 5;
  const std::string line = EncodeReply(OutcomeLine{3, {row}, 9});
  const auto reply = ParseReply(line.substr(0, line.size() - 1));
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(std::get<OutcomeLine>(*reply).rows[0].subject, "a\xff");
}

}  // namespace
}  // namespace tom
