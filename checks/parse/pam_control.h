// The control field of a PAM line (pam.conf(5)): which return code of a module leads to what. As
// libpam 1.5.2 reads it (_pam_parse_control, _pam_set_default_control).
#ifndef TOM_CHECKS_PARSE_PAM_CONTROL_H_
#define TOM_CHECKS_PARSE_PAM_CONTROL_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tom {

// Return codes of modules (security/_pam_types.h), those that are spoken of by name.
enum PamCode : uint8_t {
  kPamSuccess = 0,
  kPamServiceErr = 3,
  kPamSystemErr = 4,
  kPamPermDenied = 6,
  kPamAuthErr = 7,
  kPamAuthinfoUnavail = 9,
  kPamUserUnknown = 10,
  kPamMaxTries = 11,
  kPamNewAuthtokReqd = 12,
  kPamAcctExpired = 13,
  kPamConvErr = 19,
  kPamAuthtokErr = 20,
  kPamIgnore = 25,
  kPamAbort = 26,
  kPamModuleUnknown = 28,
};
inline constexpr int kPamCodes = 32;
inline constexpr int kPamIncomplete = 31;

// What a code leads to; a positive number jumps over so many modules.
inline constexpr int kPamActIgnore = 0;
inline constexpr int kPamActOk = -1;
inline constexpr int kPamActDone = -2;
inline constexpr int kPamActBad = -3;
inline constexpr int kPamActDie = -4;
inline constexpr int kPamActReset = -5;

using PamActions = std::array<int32_t, kPamCodes>;

// "auth_err"; "code 40" for what is none.
std::string PamCodeName(int code);
// The code of that name, or -1.
int PamCodeOf(std::string_view name);

// Of "required", "[success=1 default=ignore]" (without the brackets; libpam drops them) and so on.
// A field that libpam does not understand counts as bad whatever the module says; `problem` then
// says what is wrong, else it is left alone.
PamActions ParsePamControl(std::string_view control, std::string& problem);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_PAM_CONTROL_H_
