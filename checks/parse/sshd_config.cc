#include "checks/parse/sshd_config.h"

#include <algorithm>
#include <set>

#include "checks/parse/ascii_words.h"
#include "checks/parse/ssh_algorithms.h"
#include "checks/parse/sshd_pattern.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxSteps = 1000000;

// One reading of the tree, of the two that sshd makes.
class Reading {
 public:
  Reading(const SshdTree& tree, const SshdClient* client) : tree_(tree), client_(client) {}

  absl::StatusOr<SshdSettings> Run() {
    bool active = client_ == nullptr;
    TOM_RETURN_IF_ERROR(
        ReadFile(0, client_ == nullptr ? Within::kPlain : Within::kMatchesOnly, active, 0));
    if (client_ == nullptr) {
      TOM_RETURN_IF_ERROR(CheckAddresses());
      TOM_RETURN_IF_ERROR(CheckCommands());
    }
    return std::move(settings_);
  }

 private:
  enum class Within { kPlain, kMatchesOnly, kNever };  // what the Include that led here says

  static absl::Status Refused(const SshdFile& file, const SshdLine& line, const char* why) {
    return BadData(file.path + " line " + std::to_string(line.number) + ": " + why);
  }

  absl::Status ReadFile(size_t index, Within within, bool& active, int depth) {
    if (depth > kSshdMaxIncludeDepth)
      return BadData(tree_.files[index].path + ": too many recursive includes");
    const SshdFile& file = tree_.files[index];
    for (const SshdLine& line : file.lines) {
      if (++steps_ > kMaxSteps) {
        return absl::ResourceExhaustedError("sshd's configuration includes too many lines");
      }
      if (line.keyword->kind == SshdKind::kMatch) {
        active = within != Within::kNever && Matches(line);
        if (within == Within::kMatchesOnly) within = Within::kPlain;
      } else if (line.keyword->kind == SshdKind::kInclude) {
        TOM_RETURN_IF_ERROR(Include(line, within, active, depth));
      } else {
        TOM_RETURN_IF_ERROR(Take(file, line, active));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Include(const SshdLine& line, Within within, bool active, int depth) {
    const Within inner = within == Within::kMatchesOnly ? within
                         : active                       ? Within::kPlain
                                                        : Within::kNever;
    for (const std::string& argument : line.arguments) {
      const auto found = tree_.includes.find(SshdSelector(argument));
      if (found == tree_.includes.end()) continue;
      for (const size_t file : found->second) {
        bool copy = active;
        TOM_RETURN_IF_ERROR(ReadFile(file, inner, copy, depth + 1));
      }
    }
    return absl::OkStatus();
  }

  bool Matches(const SshdLine& line) const {
    return std::all_of(line.criteria.begin(), line.criteria.end(), [&](const SshdCriterion& one) {
      return one.kind == SshdCriterion::Kind::kAll ||
             (client_ != nullptr && SshdCriterionHolds(one, *client_));
    });
  }

  absl::Status Take(const SshdFile& file, const SshdLine& line, bool active) {
    const SshdKeyword& keyword = *line.keyword;
    if (!active && !keyword.in_match) {
      if (client_ != nullptr) return absl::OkStatus();
      return Refused(file, line, "not allowed within a Match block");
    }
    const auto found = settings_.find(keyword.canonical);
    const bool set = found != settings_.end();
    // sshd looks at what was set before even where the line does not apply.
    if (keyword.kind == SshdKind::kMethods && line.value == "any" && set) {
      return Refused(file, line, "\"any\" must appear alone in AuthenticationMethods");
    }
    // What may not stand in a block is not taken over from "Match all" for a connection either.
    if (!active || keyword.kind == SshdKind::kIgnored ||
        (client_ != nullptr && !keyword.in_match)) {
      return absl::OkStatus();
    }
    if (std::string_view(keyword.canonical) == "subsystem" &&
        !subsystems_.insert(line.arguments[0]).second) {
      return Refused(file, line, "a Subsystem of this name stands before");
    }
    if (std::string_view(keyword.canonical) == "listenaddress" && !line.arguments.empty()) {
      addresses_.emplace_back(&file, &line);
    }
    if (!set) settings_[keyword.canonical] = {line.value, file.path, line.number};
    if (set && keyword.kind == SshdKind::kNames) found->second.value += " " + line.value;
    return absl::OkStatus();
  }

  // A command for keys needs the user that it runs as.
  absl::Status CheckCommands() const {
    for (const char* command : {"authorizedkeyscommand", "authorizedprincipalscommand"}) {
      const auto found = settings_.find(command);
      if (found == settings_.end() || EqualsNoCase(found->second.value, "none")) continue;
      if (settings_.count(std::string(command).append("user")) == 0) {
        return BadData(found->second.file + " line " + std::to_string(found->second.line) +
                       ": a command for keys without the user that it runs as");
      }
    }
    return absl::OkStatus();
  }

  // sshd looks its addresses up in the family that it is to listen in, and ends where one has none.
  absl::Status CheckAddresses() const {
    const auto family = settings_.find("addressfamily");
    if (family == settings_.end()) return absl::OkStatus();
    for (const auto& [file, line] : addresses_) {
      const std::string& text = line->arguments[0];
      const bool brackets = text.starts_with("[");
      const size_t colon = text.find(':');
      const bool six = brackets || (colon != std::string::npos && text.rfind(':') != colon);
      const std::string host = six ? text : text.substr(0, colon);
      const bool four = host.find_first_not_of("0123456789.") == std::string::npos;
      const bool other = (EqualsNoCase(family->second.value, "inet6") && four) ||
                         (EqualsNoCase(family->second.value, "inet") && six);
      if (other) return Refused(*file, *line, "ListenAddress is not of the AddressFamily");
    }
    return absl::OkStatus();
  }

  const SshdTree& tree_;
  const SshdClient* client_;
  SshdSettings settings_;
  std::vector<std::pair<const SshdFile*, const SshdLine*>> addresses_;
  std::set<std::string> subsystems_;
  size_t steps_ = 0;
};

}  // namespace

bool SshdCriterionHolds(const SshdCriterion& criterion, const SshdClient& client) {
  bool refused = false;
  switch (criterion.kind) {
    case SshdCriterion::Kind::kAll:
      return true;
    case SshdCriterion::Kind::kUser:
      return SshdListMatches(client.user, criterion.argument);
    case SshdCriterion::Kind::kGroup:
      return SshdListMatchesAny(client.groups, criterion.argument);
    case SshdCriterion::Kind::kHost:
      return SshdListMatches(client.host, criterion.argument, true);
    case SshdCriterion::Kind::kAddress:
      return SshdAddressListMatches(client.address, criterion.argument, refused);
    case SshdCriterion::Kind::kLocalAddress:
      return SshdAddressListMatches(client.local_address, criterion.argument, refused);
    case SshdCriterion::Kind::kLocalPort:
      return client.local_port == std::stoi(criterion.argument);
    case SshdCriterion::Kind::kRoutingDomain:
      return !client.routing_domain.empty() &&
             SshdListMatches(client.routing_domain, criterion.argument);
  }
  return false;
}

absl::StatusOr<SshdSettings> EvaluateSshd(const SshdTree& tree, const SshdClient* client) {
  if (tree.files.empty()) return BadData("sshd has no configuration");
  TOM_ASSIGN_OR_RETURN(SshdSettings settings, Reading(tree, nullptr).Run());
  if (client != nullptr) {
    TOM_ASSIGN_OR_RETURN(const SshdSettings matched, Reading(tree, client).Run());
    for (const auto& [option, setting] : matched) settings[option] = setting;
  }
  for (const SshdKeyword* keyword : ReportedSshdKeywords()) {
    SshdSetting& setting =
        settings.try_emplace(keyword->name, SshdSetting{keyword->fallback, "", 0}).first->second;
    if (keyword->kind == SshdKind::kAlgorithms)
      setting.value = EffectiveSshAlgorithms(keyword->name, setting.value).value_or(setting.value);
  }
  return settings;
}

}  // namespace tom
