// Which proofs let an account in over SSH: one row for each account, kind of connection and
// alternative of methods. What sshd demands by itself and what the whole of PAM's stack makes of a
// password or a dialogue are put together: every set of proofs is tried against them, without ever
// authenticating anybody.
//
// Kinds of proof: password (something known, a Kerberos ticket too), key (an SSH key), device (a
// one-time code, a confirmation, a token), body (a fingerprint). What can be brought about without
// a proof, such as coming from an exempted network or a second factor's service being away, is
// taken to happen.
#include "checks/engine/table.h"
#include "checks/tables/factor_sets.h"
#include "checks/tables/pam_touches.h"
#include "checks/tables/ssh_factors.h"
#include "checks/tables/touch_lists.h"

namespace tom {
namespace {

Value Count(int count) { return count < 0 ? Value() : Value(int64_t{count}); }

bool AddRow(const SshdContext& context, const std::string& methods, const Ways& ways,
            RowSink& sink) {
  const LeastSets sure = LeastSetsOf(ways, WayIn::kIn);
  const LeastSets maybe = LeastSetsOf(ways, WayIn::kMaybe);
  const WayIn all = ways.by_kinds[kFactorKinds - 1];
  const char* opens = all == WayIn::kIn ? "yes" : all == WayIn::kMaybe ? "maybe" : "no";
  return sink.Add({{"user", TextOrNull(context.account.name)},
                   {"uid", context.account.uid < 0 ? Value() : Value(context.account.uid)},
                   {"local", int64_t{!context.account.name.empty()}},
                   {"connection", context.route.label},
                   {"methods", methods},
                   {"opens", std::string(opens)},
                   {"kinds", Count(sure.kinds)},
                   {"sets", TextOrNull(sure.sets)},
                   {"kinds_possible", Count(maybe.kinds)},
                   {"sets_possible", TextOrNull(maybe.sets)},
                   {"why", TextOrNull(sure.why)},
                   {"why_possible", TextOrNull(all == WayIn::kOut ? ways.why.back() : maybe.why)},
                   {"source", std::string(context.from_program ? "sshd" : "files")}});
}

absl::Status GenerateFactors(Env& env, const TableContext&, RowSink& sink) {
  const SshdView view = ViewSshd(env);
  for (const std::string& reason : view.incomplete) sink.Incomplete(reason);
  if (view.contexts.empty()) return absl::OkStatus();
  SshFactors factors(env);
  for (const SshdContext& context : view.contexts) {
    auto alternatives = SshdAlternatives(context.settings);
    if (!alternatives) {
      sink.Incomplete("sshd does not say by which methods one may log in");
      continue;
    }
    if (alternatives->empty()) alternatives->push_back({.methods = "", .enabled = false});
    for (const SshdAlternative& one : *alternatives) {
      if (!AddRow(context, one.methods, factors.Of(context, one), sink)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

Column Number(const char* name, const char* description) {
  return {.name = name, .type = ColumnType::kInteger, .description = description};
}

}  // namespace

Table ssh_login_factors_table() {
  return {
      .name = "ssh_login_factors",
      .description = "Proofs that let an account in over SSH, by account and kind of connection",
      .columns =
          {{.name = "user",
            .description = "Account; NULL: any that no local file names",
            .personal = "user"},
           {.name = "uid", .type = ColumnType::kBigint, .description = "User id"},
           Number("local", "1 for an account of /etc/passwd, 0 for any other"),
           {.name = "connection",
            .description = "An example of the connections that Match blocks tell apart, or any"},
           {.name = "methods",
            .description = "Methods demanded together, with commas; empty: none is offered"},
           {.name = "opens",
            .description = "With every proof at hand the account gets in: yes, maybe, no"},
           Number("kinds",
                  "Least count of different kinds of proof that surely let in; NULL: none"),
           {.name = "sets",
            .description = "Smallest sets of proofs that surely let in, with commas"},
           Number("kinds_possible", "Least count that may let in; NULL: nothing does"),
           {.name = "sets_possible", .description = "Smallest sets of proofs that may let in"},
           {.name = "why", .description = "What line lets the smallest set in"},
           {.name = "why_possible",
            .description = "Why it is not certain what lets in, or why nothing does"},
           {.name = "source", .description = "sshd: the server's own answer; files: our reading"}},
      .generate = GenerateFactors,
      .touches = [](Env& env, const Declared&) {
        std::vector<Touch> touches = SshdTouches(env);
        Append(touches, PamTouches(env, {"sshd"}));
        return touches;
      }};
}

}  // namespace tom
