#include <algorithm>
#include <map>
#include <sstream>

#include "checks/engine/table.h"
#include "checks/tables/sshd_clients.h"

namespace tom {

Table users_table();

namespace {

constexpr std::string_view kNoLogin[] = {"/usr/sbin/nologin", "/sbin/nologin", "/usr/bin/false",
                                         "/bin/false",        "/usr/bin/true", "/bin/true",
                                         "/bin/sync",         "/usr/bin/sync", "/sbin/shutdown",
                                         "/sbin/halt",        "/sbin/reboot"};

// Takes the rows of `users`: what an account is, is known in one place.
class AccountSink : public RowSink {
 public:
  explicit AccountSink(std::vector<std::string>& problems) : problems_(problems) {}

  bool Add(std::initializer_list<std::pair<std::string_view, Value>> cells) override {
    std::map<std::string_view, Value> row(cells.begin(), cells.end());
    const std::string shell = ValueText(row["shell"]);
    const int64_t uid = std::get<int64_t>(row["uid"]);
    const bool turned_away =
        std::find(std::begin(kNoLogin), std::end(kNoLogin), shell) != std::end(kNoLogin);
    if (uid == 0 || !turned_away) {
      accounts.push_back({ValueText(row["username"]), uid, {}});
      gids.push_back(std::get<int64_t>(row["gid"]));
    }
    return true;
  }
  bool AddRow(ValueRow) override { return true; }
  void Incomplete(std::string reason) override { problems_.push_back(std::move(reason)); }

  std::vector<SshdAccount> accounts;
  std::vector<int64_t> gids;

 private:
  std::vector<std::string>& problems_;
};

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// group(5): name:password:gid:members
void AddGroups(const std::string& text, AccountSink& sink, std::vector<std::string>& problems) {
  for (const std::string& line : Split(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> fields = Split(line, ':');
    if (fields.size() < 3 || line[0] == '+' || line[0] == '-' ||
        line.find('\0') != std::string::npos) {
      problems.emplace_back("/etc/group has a line that is not understood");
      continue;
    }
    const std::vector<std::string> members =
        fields.size() > 3 ? Split(fields[3], ',') : std::vector<std::string>();
    for (size_t i = 0; i < sink.accounts.size(); ++i) {
      SshdAccount& account = sink.accounts[i];
      const bool member = std::find(members.begin(), members.end(), account.name) != members.end();
      if (member || std::to_string(sink.gids[i]) == fields[2]) account.groups.push_back(fields[0]);
    }
  }
}

}  // namespace

std::vector<SshdAccount> SshdAccounts(Env& env, std::vector<std::string>& problems) {
  AccountSink sink(problems);
  const Declared declared;
  const absl::Status status =
      users_table().generate(env, {.declared = declared, .constraints = {}}, sink);
  if (!status.ok()) problems.emplace_back(status.message());
  const auto groups = env.ReadFile("/etc/group");
  if (groups.ok()) AddGroups(*groups, sink, problems);
  if (!groups.ok()) problems.emplace_back(groups.status().message());
  sink.accounts.insert(sink.accounts.begin(), SshdAccount{"", -1, {}});
  return std::move(sink.accounts);
}

}  // namespace tom
