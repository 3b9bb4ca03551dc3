// tom-agent status: who this host is to the collector, and how fresh its evidence is.
#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>

#include "agent/anchor_store.h"
#include "agent/catalogue_store.h"
#include "agent/command.h"
#include "agent/exit_code.h"
#include "agent/spool.h"
#include "agent/state_option.h"
#include "evidence/canonical_json.h"
#include "evidence/limits.h"
#include "evidence/status_text.h"
#include "evidence/terminal_text.h"

namespace tom {
namespace {

constexpr int64_t kStaleReportSeconds = 2 * kHour;
constexpr int kLockSeconds = 10;

struct Options {
  std::string state;
  std::string format = "table";
};

struct Found {
  Json::Object facts;
  bool stale = false;
};

absl::Status AddSpool(const StateDir& state, UnixSeconds now, Found& found) {
  TOM_ASSIGN_OR_RETURN(const Spool spool, Spool::Open(state, SpoolBounds(), kLockSeconds));
  found.facts["spooled"] = static_cast<int64_t>(spool.pending());
  found.facts["spooled_bytes"] = static_cast<int64_t>(spool.pending_bytes());
  if (!spool.state()) {
    found.stale = true;
    return absl::OkStatus();
  }
  found.facts["chain"] = spool.state()->chain;
  found.facts["seq"] = static_cast<int64_t>(spool.state()->seq);
  found.facts["last_report"] = FormatUtc(spool.state()->observed_at);
  found.facts["rows"] = static_cast<int64_t>(spool.state()->rows.size());
  found.stale |= now - spool.state()->observed_at > kStaleReportSeconds || spool.pending() > 0;
  return absl::OkStatus();
}

absl::Status AddLedger(const StateDir& state, const Trust& trust, UnixSeconds now, Found& found) {
  TOM_ASSIGN_OR_RETURN(const HeldAnchor anchor, LoadAnchor(state, trust));
  const std::optional<Anchor> stamped = anchor.ForReport();
  if (stamped) {
    found.facts["anchor_size"] = static_cast<int64_t>(stamped->size);
    found.facts["anchor_stamped_at"] = FormatUtc(anchor.stamped_at);
    found.facts["anchor_age_seconds"] = now - anchor.stamped_at;
  }
  found.stale |= !stamped || now - anchor.stamped_at > limits::kDefaultAnchorMaxSeconds;
  const absl::Status refused = CheckLedgerNotRefused(state);
  if (!refused.ok()) found.facts["ledger_refused"] = TextOrBytes(FromAbsl(refused.message()));
  found.stale |= !refused.ok();
  return absl::OkStatus();
}

absl::Status AddCatalogue(const StateDir& state, const Trust& trust, UnixSeconds now,
                          Found& found) {
  const absl::StatusOr<HeldCatalogue> held = LoadCatalogue(state, trust);
  found.stale |= !held.ok() || held->expires <= now;
  if (absl::IsNotFound(held.status())) return absl::OkStatus();
  if (!held.ok()) return held.status();
  found.facts["catalogue_version"] = held->version;
  found.facts["catalogue_expires"] = FormatUtc(held->expires);
  return absl::OkStatus();
}

int64_t CountRejected(const StateDir& state) {
  int64_t count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(state.File("rejected"), error), end;
       !error && it != end; it.increment(error)) {
    ++count;
  }
  return count;
}

absl::StatusOr<Found> Look(const Options& options) {
  Found found;
  TOM_ASSIGN_OR_RETURN(const StateDir state, StateDir::Open(options.state, false));
  TOM_ASSIGN_OR_RETURN(const EnrolmentFacts facts, LoadEnrolmentFacts(state));
  TOM_ASSIGN_OR_RETURN(const Trust trust, LoadTrust(state, facts));
  TOM_ASSIGN_OR_RETURN(const PrivateKey identity, state.Key("identity.key"));
  const UnixSeconds now = std::time(nullptr);
  found.facts = {{"collector", facts.collector},
                 {"host", facts.host},
                 {"identity_key", identity.public_key().KeyId().Hex()},
                 {"ledger", facts.ledger},
                 {"system", facts.system}};
  TOM_RETURN_IF_ERROR(AddSpool(state, now, found));
  TOM_RETURN_IF_ERROR(AddLedger(state, trust, now, found));
  TOM_RETURN_IF_ERROR(AddCatalogue(state, trust, now, found));
  const int64_t rejected = CountRejected(state);
  if (rejected > 0) found.facts["set_aside"] = rejected;
  found.stale |= rejected > 0;
  return found;
}

std::string Table(const Json::Object& facts) {
  constexpr size_t kColumn = 20;
  std::string text;
  for (const auto& [name, value] : facts) {
    const std::string shown = value.IsInteger()  ? std::to_string(value.AsInteger())
                              : value.IsString() ? TerminalText(value.AsString())
                                                 : "(bytes)";
    text +=
        name + std::string(name.size() < kColumn ? kColumn - name.size() : 1, ' ') + shown + "\n";
  }
  return text;
}

int Run(const Options& options) {
  const absl::StatusOr<Found> found = Look(options);
  if (!found.ok()) return ReportError(found.status());
  std::cout << (options.format == "json" ? Canonical(found->facts) + "\n" : Table(found->facts));
  return found->stale ? kExitUnknown : kExitAllPass;
}

}  // namespace

AgentCommand status_command() {
  return {.name = "status",
          .help = "Identity, last report, spool and anchor; exit 3 when something is stale",
          .example = "tom-agent status --format json",
          .hidden = false,
          .setup = [](CLI::App& app) -> std::function<int()> {
            auto options = std::make_shared<Options>();
            AddStateOption(app, options->state);
            app.add_option("--format", options->format, "table or json")
                ->check(CLI::IsMember({"table", "json"}));
            return [options] { return Run(*options); };
          }};
}

}  // namespace tom
