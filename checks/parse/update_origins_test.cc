#include "checks/parse/update_origins.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

struct Case {
  std::vector<std::string> allowed;   // Allowed-Origins
  std::vector<std::string> patterns;  // Origins-Pattern
  std::string answer;
};

const UpdateSource kSecurity = {"Debian", "Debian-Security", "stable-security", "bookworm-security",
                                "main",   "deb.example.org"};

// As get_allowed_origins and is_allowed_origin of unattended-upgrades 2.9.1 answered for this
// source, and for one of another place: what makes the program end for either is an error.
const std::vector<Case> kAnswers = {
    {{}, {"origin=Debian,codename=${distro_codename}-security,label=Debian-Security"}, "take"},
    {{}, {"o=Debian,n=bookworm,l=Debian-Security"}, "leave"},
    {{}, {" origin = ${distro_id} , a = stable-* "}, "take"},
    {{}, {"o=debian"}, "leave"},
    {{}, {"o=[D]ebian"}, "take"},
    {{}, {"o=[!D]ebian"}, "leave"},
    {{}, {"o=\\\\Debian"}, "leave"},
    {{}, {"o=?ebian,c=main"}, "take"},
    {{}, {"c=contrib"}, "leave"},
    {{}, {"site=deb.example.org"}, "take"},
    {{}, {"site=*.example.org,l=*"}, "take"},
    {{}, {""}, "leave"},
    {{}, {"  "}, "leave"},
    {{}, {"*"}, "error"},
    {{}, {"o=Debian,"}, "error"},
    {{}, {"o=Debian=x"}, "error"},
    {{}, {"origin:Debian"}, "error"},
    {{}, {"O=Debian"}, "error"},
    {{}, {"distribution=bookworm"}, "error"},
    {{}, {"o=$distro_id"}, "take"},
    {{}, {"o=$distro_idx"}, "error"},
    {{}, {"o=${distro_release}"}, "error"},
    {{}, {"o=$"}, "error"},
    {{}, {"o=$$distro_id"}, "take"},
    {{}, {"o=a\\,b"}, "leave"},
    {{}, {"o="}, "leave"},
    {{"Debian:stable-security"}, {}, "take"},
    {{"${distro_id}:${distro_codename}-security"}, {}, "leave"},
    {{"${distro_id} stable-security"}, {}, "take"},
    {{"Debian"}, {}, "error"},
    {{"Debian:a:b"}, {}, "error"},
    {{"Deb\\:ian:stable-security"}, {}, "leave"},
    {{"*:*"}, {}, "take"},
    {{"Debian:stable-security"}, {"x=y"}, "error"},
    {{"nobody:stable"}, {"l=Debian-Security"}, "take"},
    {{"Debian:stable-security "}, {}, "take"},
    {{"Debian :stable-security"}, {}, "take"},
};

std::string Answer(const Case& one) {
  UpdateOrigins origins("Debian", "bookworm");
  for (const std::string& text : one.allowed) origins.AddLegacy(text);
  for (const std::string& text : one.patterns) origins.AddPattern(text);
  if (!origins.problem().empty()) return "error";
  return origins.Take(kSecurity) ? "take" : "leave";
}

TEST(UpdateOrigins, AnswerAsTheProgramDoes) {
  for (const Case& one : kAnswers) {
    std::string input;
    for (const std::string& text : one.allowed) input.append(text).append("\n");
    for (const std::string& text : one.patterns) input.append(text).append("\n");
    EXPECT_EQ(Answer(one), one.answer) << input;
  }
}

TEST(UpdateOrigins, TakeNothingWhereNothingIsNamed) {
  EXPECT_FALSE(UpdateOrigins("Debian", "bookworm").Take(kSecurity));
}

TEST(UpdateOrigins, HaveABound) {
  UpdateOrigins origins("Debian", "bookworm");
  for (int i = 0; i < 1100; ++i) origins.AddPattern("o=Debian");
  EXPECT_NE(origins.problem(), "");
}

}  // namespace
}  // namespace tom
