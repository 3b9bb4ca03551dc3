#include "agent/token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "agent/state_file.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxTokenBytes = 256;
constexpr size_t kLeastSecretBytes = 16;
constexpr size_t kMostSecretBytes = 64;

// base64url without padding (RFC 4648 section 5).
absl::StatusOr<std::string> DecodeUrl(std::string text) {
  if (text.find_first_of("+/=") != std::string::npos) return BadData("not base64url");
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return Base64Decode(text);
}

}  // namespace

absl::StatusOr<EnrolmentToken> ParseToken(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.substr(0, first) != "tom1") {
    return BadData("is no enrolment token: expected tom1.<secret>.<SHA-256 of the CA>");
  }
  const auto secret = DecodeUrl(std::string(text.substr(first + 1, second - first - 1)));
  if (!secret.ok() || secret->size() < kLeastSecretBytes || secret->size() > kMostSecretBytes) {
    return BadData("the token's secret is cut short or altered");
  }
  const auto ca = Digest::FromHex(text.substr(second + 1));
  if (!ca.ok()) return BadData("the token's CA digest is cut short or altered");
  return EnrolmentToken{*secret, *ca};
}

absl::StatusOr<EnrolmentToken> ReadTokenFile(const std::string& path) {
  const OwnedFd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd.ok()) return FileError(path, "cannot open");
  struct stat facts {};
  if (fstat(fd.get(), &facts) != 0) return FileError(path, "cannot examine");
  if (!S_ISREG(facts.st_mode)) return BadData(path + ": is no plain file");
  if ((facts.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(path +
                                       ": is open to group or others; its mode must be 0600");
  }
  char buffer[kMaxTokenBytes + 1];
  const ssize_t got = read(fd.get(), buffer, sizeof(buffer));
  if (got < 0) return FileError(path, "cannot read");
  if (static_cast<size_t>(got) > kMaxTokenBytes) return BadData(path + ": is too long for a token");
  absl::StatusOr<EnrolmentToken> token = ParseToken({buffer, static_cast<size_t>(got)});
  if (!token.ok()) return Annotate(token.status(), path);
  return token;
}

}  // namespace tom
