// systemd-journal-upload, for log_facts.h (systemd-journal-upload.service(8),
// journal-upload.conf(5); systemd 252).
#include "checks/parse/ascii_words.h"
#include "checks/parse/journal_upload.h"
#include "checks/tables/drop_ins.h"
#include "checks/tables/log_facts.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr char kUnit[] = "systemd-journal-upload.service";

bool ReadSettings(ConfigFiles& files, UnitFile& content, std::string& problem) {
  std::vector<std::string> paths = {"/etc/systemd/journal-upload.conf"};
  const std::vector<std::string> folders = {
      "/etc/systemd/journal-upload.conf.d", "/run/systemd/journal-upload.conf.d",
      "/usr/local/lib/systemd/journal-upload.conf.d", "/usr/lib/systemd/journal-upload.conf.d",
      "/lib/systemd/journal-upload.conf.d"};
  for (const DropIn& one : ListDropIns(files, folders, ".conf")) {
    if (!one.masked) paths.push_back(one.path);
  }
  bool any = false;
  for (const std::string& path : paths) {
    const auto text = files.Read(path);
    if (absl::IsNotFound(text.status())) continue;
    any = true;
    if (text.ok()) {
      content.Read(*text);
    } else {
      problem = FromAbsl(text.status().message());
    }
  }
  return any;
}

// The files without which its TLS does not begin.
void HoldAgainstDisk(Env& env, const JournalUpload& upload, LogDestination& one) {
  if (!upload.https || one.works == std::optional<bool>(false)) return;
  for (const std::string& path : {upload.key_file, upload.certificate_file, upload.trust_file}) {
    if (path.empty()) continue;
    const auto there = IsThere(env, path);
    if (there == std::optional<bool>(true)) continue;
    one.works = there;
    one.problem = path + " is not there";
    if (there.has_value()) return;
  }
}

}  // namespace

void AddJournalUpload(ConfigFiles& files, UnitFiles& units, LogFacts& facts) {
  UnitFile content;
  std::string problem;
  const bool configured = ReadSettings(files, content, problem);
  const Unit unit = units.Find(kUnit);
  LogProgram program =
      DescribeProgram(files, units, "systemd-journal-upload", {kUnit}, "systemd-journal");
  if (unit.path.empty()) {
    // Without its unit it is not installed; a tree of configuration alone may still mean it.
    if (!configured || !units.Names().empty()) return;
  }
  if (!units.HasSystemd()) program.active = std::nullopt;  // its name is journald's too
  const JournalUpload upload =
      ReadJournalUpload(content, unit.content.Values("Service", "ExecStart"));
  if (upload.url.empty() && !program.starts.value_or(false)) return;
  LogDestination one;
  one.program = facts.programs.size();
  one.place = "/etc/systemd/journal-upload.conf";
  one.target = upload.host;
  one.port = upload.port;
  one.protocol = upload.https ? "https" : "http";
  one.encrypted = upload.https;
  one.verified = upload.https && upload.verifies;
  one.works = upload.problem.empty() ? std::optional<bool>(true) : upload.works;
  one.problem = upload.problem;
  if (!problem.empty()) {
    one.works = std::nullopt;
    one.problem = problem;
    one.encrypted = one.verified = std::nullopt;
  }
  HoldAgainstDisk(files.env(), upload, one);
  if (facts.journal.storage != "none") {
    one.perhaps.fill(facts.journal.stored);
    if (facts.journal.problem.empty()) one.surely.fill(facts.journal.stored);
    if (!facts.journal.kernel) one.surely[0] = one.perhaps[0] = 0;
  } else {
    facts.notes.emplace_back("journald keeps nothing (Storage=none)");
  }
  facts.programs.push_back(std::move(program));
  facts.destinations.push_back(std::move(one));
}

}  // namespace tom
