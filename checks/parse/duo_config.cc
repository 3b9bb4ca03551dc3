#include "checks/parse/duo_config.h"

#include <algorithm>
#include <iterator>

namespace tom {
namespace {

constexpr std::string_view kNames[] = {"ikey",
                                       "skey",
                                       "host",
                                       "cafile",
                                       "http_proxy",
                                       "groups",
                                       "group",
                                       "failmode",
                                       "pushinfo",
                                       "noverify",
                                       "prompts",
                                       "autopush",
                                       "send_gecos",
                                       "gecos_parsed",
                                       "gecos_delim",
                                       "https_timeout",
                                       "accept_env_factor",
                                       "fallback_local_ip",
                                       "gecos_username_pos",
                                       "dev_fips_mode",
                                       "motd",
                                       "local_ip_fallback"};

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool Take(std::string_view line, DuoConfig& config) {
  const size_t equals = std::min(line.find('='), line.find(':'));
  if (equals == std::string_view::npos) return false;
  const std::string_view name = Trim(line.substr(0, equals));
  std::string_view value = Trim(line.substr(equals + 1));
  if (const size_t comment = value.find(" ;"); comment != std::string_view::npos)
    value = Trim(value.substr(0, comment));
  if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) return false;
  if (name == "groups" || name == "group") config.groups = value;
  if (name == "autopush") config.autopush = value == "yes" || value == "true" || value == "1";
  if (name != "failmode") return true;
  config.fail_safe = value != "secure";
  return value == "safe" || value == "secure";
}

}  // namespace

DuoConfig ParseDuoConfig(std::string_view text) {
  DuoConfig config;
  if (text.find('\0') != std::string_view::npos) config.understood = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view line = Trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    // Its reader takes 200 bytes a line, and lines that start with a blank for the value before.
    const bool odd = raw.size() > 190 || raw[0] == ' ' || raw[0] == '\t';
    const bool section = line[0] == '[' && line.back() == ']';
    if (odd || (!section && !Take(line, config))) config.understood = false;
  }
  return config;
}

}  // namespace tom
