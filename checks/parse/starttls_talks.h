// The talks of single protocols (starttls.h). Internal to it.
#ifndef TOM_CHECKS_PARSE_STARTTLS_TALKS_H_
#define TOM_CHECKS_PARSE_STARTTLS_TALKS_H_

#include <memory>

#include "checks/parse/starttls.h"

namespace tom {

std::unique_ptr<StarttlsTalk> MakeSmtpTalk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakeFtpTalk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakeImapTalk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakePop3Talk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakeLdapTalk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakePostgresTalk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakeMysqlTalk(StarttlsGoal goal);
std::unique_ptr<StarttlsTalk> MakeXmppTalk(const StarttlsRequest& request);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_STARTTLS_TALKS_H_
