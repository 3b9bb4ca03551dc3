#include "checks/parse/http_url.h"

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

constexpr size_t kMaxUrl = 4096;

bool IsVisible(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '\\') return false;
  }
  return true;
}

bool IsHost(std::string_view host, bool six) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
    const bool name =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
    if (!(six ? hex : name)) return false;
  }
  return true;
}

bool TakePort(std::string_view text, int64_t& port) {
  if (text.empty() || text.size() > 5) return false;
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  port = value;
  return value >= 1 && value <= 65535;
}

// "host", "host:port", "[address]:port" behind the two slashes.
bool TakeAuthority(std::string_view authority, WebUrl& url) {
  if (authority.find('@') != std::string_view::npos) return false;
  const bool six = authority.starts_with("[");
  size_t end = six ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos) return false;
  std::string_view host = authority.substr(six ? 1 : 0, six ? end - 1 : end);
  std::string_view rest = authority.substr(six ? end + 1 : end);
  for (const char c : host) url.host += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  url.port = url.https ? 443 : 80;
  if (!rest.empty() && (rest[0] != ':' || !TakePort(rest.substr(1), url.port))) return false;
  return IsHost(url.host, six);
}

// The path with its query without `.` and `..`.
std::string Normal(std::string_view path) {
  const size_t query = std::min(path.find('?'), path.size());
  std::string result;
  std::string_view names = path.substr(0, query);
  while (!names.empty()) {
    names.remove_prefix(1);  // its slash
    const size_t end = std::min(names.find('/'), names.size());
    const std::string_view name = names.substr(0, end);
    const bool last = end == names.size();
    names.remove_prefix(end);
    if (name == "..") {
      const size_t slash = result.rfind('/');
      result.erase(slash == std::string::npos ? 0 : slash);
      if (last) result.append("/");
    } else if (name == ".") {
      if (last) result.append("/");
    } else {
      result.append("/").append(name);
    }
  }
  if (result.empty()) result = "/";
  return result.append(path.substr(query));
}

}  // namespace

std::string WebUrl::Text() const {
  std::string text = https ? "https://" : "http://";
  const bool six = host.find(':') != std::string::npos;
  text.append(six ? "[" + host + "]" : host);
  if (port != (https ? 443 : 80)) text.append(":").append(std::to_string(port));
  return text.append(path);
}

std::optional<WebUrl> ParseHttpUrl(std::string_view text) {
  if (text.size() > kMaxUrl || !IsVisible(text)) return std::nullopt;
  WebUrl url;
  url.https = StartsNoCase(text, "https://");
  if (!url.https && !StartsNoCase(text, "http://")) return std::nullopt;
  text.remove_prefix(url.https ? 8 : 7);
  text = text.substr(0, text.find('#'));
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  if (!TakeAuthority(text.substr(0, end), url)) return std::nullopt;
  const std::string_view rest = text.substr(end);
  url.path = Normal(rest.starts_with("/") ? std::string(rest) : "/" + std::string(rest));
  return url;
}

bool LoadsNothing(std::string_view reference) {
  if (reference.empty() || reference[0] == '#') return true;
  for (const char* scheme : {"data:", "about:", "blob:", "javascript:", "mailto:", "tel:"}) {
    if (StartsNoCase(reference, scheme)) return true;
  }
  return false;
}

std::optional<WebUrl> ResolveHttpUrl(const WebUrl& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const size_t mark = reference.find_first_of(":/?");
  if (mark != std::string_view::npos && reference[mark] == ':') return ParseHttpUrl(reference);
  if (reference.starts_with("//")) {
    return ParseHttpUrl((base.https ? "https:" : "http:") + std::string(reference));
  }
  std::string path;
  const std::string_view own = std::string_view(base.path).substr(0, base.path.find('?'));
  if (reference.empty()) {
    path = base.path;
  } else if (reference[0] == '/') {
    path = reference;
  } else if (reference[0] == '?') {
    path = std::string(own).append(reference);
  } else {
    path = std::string(own.substr(0, own.rfind('/') + 1)).append(reference);
  }
  WebUrl url = base;
  url.path = path;
  return ParseHttpUrl(url.Text());
}

}  // namespace tom
