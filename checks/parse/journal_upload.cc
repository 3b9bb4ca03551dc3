#include "checks/parse/journal_upload.h"

#include "checks/parse/ascii_words.h"

namespace tom {
namespace {

constexpr char kSection[] = "Upload";

// The value of an option: --name=VALUE, --name VALUE, or -x VALUE.
std::string Option(const std::vector<std::string_view>& words, const std::string& name,
                   const std::string& letter) {
  std::string value;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with("--" + name + "=")) value = words[i].substr(name.size() + 3);
    const bool apart = words[i] == "--" + name || (!letter.empty() && words[i] == "-" + letter);
    if (apart && i + 1 < words.size()) value = words[i + 1];
  }
  return value;
}

std::string Or(const std::string& value, const std::string& otherwise) {
  return value.empty() ? otherwise : value;
}

void ReadUrl(JournalUpload& upload) {
  std::string_view rest = upload.url;
  if (rest.starts_with("http://")) {
    upload.https = false;
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  }
  rest = rest.substr(0, rest.find('/'));
  const bool bracket = rest.starts_with('[');
  const size_t end = bracket ? rest.find(']') : rest.find(':');
  upload.host = rest.substr(bracket ? 1 : 0, bracket ? end - 1 : end);
  const size_t colon = end == std::string_view::npos ? end : rest.find(':', end);
  upload.port = colon == std::string_view::npos ? "19532" : std::string(rest.substr(colon + 1));
}

bool IsLoopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || EqualsNoCase(host, "localhost");
}

}  // namespace

JournalUpload ReadJournalUpload(const UnitFile& settings,
                                const std::vector<std::string>& commands) {
  const std::string command = commands.empty() ? "" : commands.back();
  const auto words = WordsOf(command);
  JournalUpload upload;
  upload.url = Or(Option(words, "url", "u"), settings.Value(kSection, "URL"));
  upload.key_file = Or(Or(Option(words, "key", ""), settings.Value(kSection, "ServerKeyFile")),
                       "/etc/ssl/private/journal-upload.pem");
  upload.certificate_file =
      Or(Or(Option(words, "cert", ""), settings.Value(kSection, "ServerCertificateFile")),
         "/etc/ssl/certs/journal-upload.pem");
  upload.trust_file =
      Or(Or(Option(words, "trust", ""), settings.Value(kSection, "TrustedCertificateFile")),
         "/etc/ssl/ca/trusted.pem");
  if (upload.trust_file == "all" || upload.trust_file == "-") {
    upload.verifies = false;
    upload.trust_file.clear();
  }
  if (upload.key_file == "-") upload.key_file.clear();
  if (upload.certificate_file == "-") upload.certificate_file.clear();
  if (upload.url.empty()) {
    upload.problem = "no URL is set";
    upload.works = false;
    return upload;
  }
  ReadUrl(upload);
  const bool odd = upload.host.empty() || upload.url.find_first_of("$%\"'\\ ") != std::string::npos;
  if (odd) upload.problem = "its URL is not understood: " + upload.url.substr(0, 200);
  if (IsLoopback(upload.host)) upload.problem = "it goes to this host itself";
  return upload;
}

}  // namespace tom
