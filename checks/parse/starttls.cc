#include "checks/parse/starttls.h"

#include <array>
#include <utility>

#include "checks/parse/ascii_words.h"
#include "checks/parse/starttls_talks.h"

namespace tom {
namespace {

constexpr size_t kMaxText = 200;

using Named = std::pair<StarttlsProtocol, std::string_view>;
constexpr std::array<Named, 8> kNames = {{{StarttlsProtocol::kSmtp, "smtp"},
                                          {StarttlsProtocol::kImap, "imap"},
                                          {StarttlsProtocol::kPop3, "pop3"},
                                          {StarttlsProtocol::kFtp, "ftp"},
                                          {StarttlsProtocol::kLdap, "ldap"},
                                          {StarttlsProtocol::kPostgres, "postgres"},
                                          {StarttlsProtocol::kMysql, "mysql"},
                                          {StarttlsProtocol::kXmpp, "xmpp"}}};

using Registered = std::pair<int64_t, StarttlsProtocol>;
constexpr std::array<Registered, 10> kPorts = {{{21, StarttlsProtocol::kFtp},
                                                {25, StarttlsProtocol::kSmtp},
                                                {110, StarttlsProtocol::kPop3},
                                                {143, StarttlsProtocol::kImap},
                                                {389, StarttlsProtocol::kLdap},
                                                {587, StarttlsProtocol::kSmtp},
                                                {3306, StarttlsProtocol::kMysql},
                                                {5222, StarttlsProtocol::kXmpp},
                                                {5269, StarttlsProtocol::kXmpp},
                                                {5432, StarttlsProtocol::kPostgres}}};

// A packet of MySQL that says its protocol is 10, or that it turns us away.
bool IsMysqlGreeting(std::string_view first) {
  return first.size() > 5 && first[3] == '\0' && (first[4] == '\x0A' || first[4] == '\xFF');
}

}  // namespace

std::optional<StarttlsProtocol> StarttlsProtocolOf(std::string_view name) {
  for (const Named& one : kNames) {
    if (one.second == name) return one.first;
  }
  return std::nullopt;
}

std::string_view StarttlsName(StarttlsProtocol protocol) {
  for (const Named& one : kNames) {
    if (one.first == protocol) return one.second;
  }
  return "?";
}

std::optional<StarttlsProtocol> StarttlsProtocolOfPort(int64_t port) {
  for (const Registered& one : kPorts) {
    if (one.first == port) return one.second;
  }
  return std::nullopt;
}

std::optional<StarttlsProtocol> StarttlsProtocolOfGreeting(std::string_view first) {
  if (first.starts_with("220 ") || first.starts_with("220-")) {
    const std::string_view line = first.substr(0, first.find('\n'));
    const bool ftp = ContainsNoCase(line, "FTP") && !ContainsNoCase(line, "SMTP");
    return ftp ? StarttlsProtocol::kFtp : StarttlsProtocol::kSmtp;
  }
  if (first.starts_with("* OK") || first.starts_with("* PREAUTH")) return StarttlsProtocol::kImap;
  if (first.starts_with("+OK")) return StarttlsProtocol::kPop3;
  if (IsMysqlGreeting(first)) return StarttlsProtocol::kMysql;
  return std::nullopt;
}

void StarttlsTalk::Say(std::string_view text) {
  text_.clear();
  for (const char c : text.substr(0, kMaxText)) text_ += c >= ' ' && c <= '~' ? c : ' ';
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
}

std::unique_ptr<StarttlsTalk> MakeStarttlsTalk(const StarttlsRequest& request) {
  switch (request.protocol) {
    case StarttlsProtocol::kSmtp:
      return MakeSmtpTalk(request.goal);
    case StarttlsProtocol::kImap:
      return MakeImapTalk(request.goal);
    case StarttlsProtocol::kPop3:
      return MakePop3Talk(request.goal);
    case StarttlsProtocol::kFtp:
      return MakeFtpTalk(request.goal);
    case StarttlsProtocol::kLdap:
      return MakeLdapTalk(request.goal);
    case StarttlsProtocol::kPostgres:
      return MakePostgresTalk(request.goal);
    case StarttlsProtocol::kMysql:
      return MakeMysqlTalk(request.goal);
    case StarttlsProtocol::kXmpp:
      break;
  }
  return MakeXmppTalk(request);
}

}  // namespace tom
