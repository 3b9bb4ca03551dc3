#include "checks/parse/postfix_config.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(PostfixConfig, AServiceHasANameAndACommand) {
  const auto services = ParsePostfixMaster(
      "smtp inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n"
      "# a comment\nsubmission inet n - y - - smtpd -o { smtpd_sasl_auth_enable = yes }\n",
      "master.cf");
  ASSERT_TRUE(services.ok()) << services.status();
  ASSERT_EQ(services->size(), 2u);
  EXPECT_EQ((*services)[0].name, "smtp");
  EXPECT_EQ((*services)[0].parameters.at("smtpd_tls_security_level"), "encrypt");
  EXPECT_EQ((*services)[1].parameters.at("smtpd_sasl_auth_enable"), "yes");
}

TEST(PostfixConfig, WhatIsNoServiceIsAnErrorWithItsLine) {
  for (const char* text : {"smtp inet n - y\n", "{} inet n - y - - smtpd\n",
                           "smtp inet n - y - - smtpd -o nothing\n"}) {
    const auto services = ParsePostfixMaster(text, "master.cf");
    ASSERT_FALSE(services.ok()) << text;
    EXPECT_NE(services.status().message().find("master.cf line 1"), std::string::npos)
        << services.status();
  }
}

}  // namespace
}  // namespace tom
