#include "checks/parse/password_form.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

std::string Form(const std::string& stored) {
  const PasswordForm form = RecognisePassword(stored);
  return std::string(PasswordStrengthName(form.strength)) + " " + form.name;
}

TEST(PasswordForm, EachIsKnown) {
  const std::string b53(53, 'a');
  const std::string c43(43, 'a');
  const std::string c86(86, 'a');
  const std::pair<std::string, std::string> cases[] = {
      {"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b7dWRWJTmaaPWo",
       "strong argon2id"},
      {"$2b$12$" + b53, "strong bcrypt"},
      {"$2y$10$" + b53, "strong bcrypt"},
      {"$2b$04$" + b53, "weak bcrypt of little cost"},
      {"$2b$12$short", "unknown damaged bcrypt"},
      {"$6$salt$" + c86, "strong sha512crypt"},
      {"$6$rounds=1000$salt$" + c86, "weak sha512crypt of few rounds"},
      {"$5$salt$" + c43, "strong sha256crypt"},
      {"$6$salt$short", "unknown damaged sha512crypt"},
      {"$y$j9T$salt$" + c43, "strong yescrypt"},
      {"$1$salt$aaaaaaaaaaaaaaaaaaaaaa", "weak md5crypt"},
      {"$apr1$salt$aaaaaaaaaaaaaaaaaaaaaa", "weak md5crypt"},
      {"pbkdf2_sha256$600000$salt$" + c43 + "=", "strong pbkdf2"},
      {"pbkdf2_sha256$1$salt$" + c43 + "=", "weak pbkdf2 of few rounds"},
      {"pbkdf2:sha256:260000$salt$" + std::string(64, 'a'), "strong pbkdf2"},
      {"scrypt:32768:8:1$salt$" + std::string(128, 'a'), "strong scrypt"},
      {"argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHQ$RdescudvJCsgt3ub+b7dWRWJTmaaPWo",
       "strong argon2id"},
      {"bcrypt_sha256$$2b$12$" + b53, "strong bcrypt"},
      {"{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "weak SSHA"},
      {"{CRYPT}$2b$12$" + b53, "strong bcrypt"},
      {"{PLAIN}secret", "reversible plain"},
      {"5f4dcc3b5aa765d61d8327deb882cf99", "weak md5"},
      {"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "weak sha1"},
      {std::string(64, 'b'), "weak unsalted sha2"},
      {"salt:5f4dcc3b5aa765d61d8327deb882cf99", "weak salted fast hash"},
      {"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "weak mysql_native_password"},
      {"hunter2", "reversible plain"},
      {"correct horse battery staple and more", "reversible plain"},
      {"c2VjcmV0cGFzc3dvcmQ=", "reversible base64 of text or plain"},
      {"gAAAAABh0q7zVd0", "reversible encrypted"},
      {"U2FsdGVkX19abc", "reversible encrypted"},
      {"", "none none"},
      {"*", "none none"},
      {"!", "none none"},
      {std::string(40, '\xff'), "unknown no form that is known"},
      {"$unknown$thing$x", "unknown another form with $"},
      {"{NEW}abc", "unknown another form with {}"},
  };
  for (const auto& [stored, form] : cases) EXPECT_EQ(Form(stored), form) << stored;
}

TEST(PasswordForm, NothingTypedIsStrong) {
  // What people choose, and what looks like a hash to a careless eye.
  for (const char* typed :
       {"password", "Passw0rd!", "$ecret", "$2b$12$notreally", "pbkdf2", "argon2id", "bcrypt$x",
        "$6$", "$argon2id$", "qwertyuiopasdfghjkl", "{", "$", "$$", "a$b$c"}) {
    EXPECT_NE(RecognisePassword(typed).strength, PasswordStrength::kStrong) << typed;
  }
}

}  // namespace
}  // namespace tom
