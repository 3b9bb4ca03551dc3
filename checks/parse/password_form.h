// In which form a password is kept, by the look of the stored text (crypt(5), PHC string format,
// the formats of Django, Werkzeug, LDAP's userPassword, ASP.NET Identity, MySQL, PostgreSQL). Pure
// and thread-safe; nothing of the value is kept.
#ifndef TOM_CHECKS_PARSE_PASSWORD_FORM_H_
#define TOM_CHECKS_PARSE_PASSWORD_FORM_H_

#include <string>
#include <string_view>

namespace tom {

enum class PasswordStrength {
  kStrong,      // slow and salted: nobody reads it back
  kWeak,        // a hash that is fast, unsalted or broken: most passwords are found in hours
  kReversible,  // plain, encoded or encrypted
  kNone,        // no password: empty, locked
  kUnknown,     // looks like none of them
};

struct PasswordForm {
  PasswordStrength strength = PasswordStrength::kUnknown;
  std::string name;  // argon2id, bcrypt, md5, plain, …
};

PasswordForm RecognisePassword(std::string_view stored);

std::string_view PasswordStrengthName(PasswordStrength strength);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PASSWORD_FORM_H_
