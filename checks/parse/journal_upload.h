// Where systemd-journal-upload sends (journal-upload.c of systemd 252). Pure and thread-safe.
#ifndef TOM_CHECKS_PARSE_JOURNAL_UPLOAD_H_
#define TOM_CHECKS_PARSE_JOURNAL_UPLOAD_H_

#include <optional>
#include <string>
#include <vector>

#include "checks/parse/unit_file.h"

namespace tom {

struct JournalUpload {
  std::string url;  // as written; empty: it does not start
  std::string host;
  std::string port;
  bool https = true;
  bool verifies = true;  // that the receiver has a certificate of an authority it trusts
  std::string key_file;
  std::string certificate_file;
  std::string trust_file;
  std::string problem;
  std::optional<bool> works;  // where there is a problem
};

// `commands` are the unit's ExecStart, whose options are stronger than the file.
JournalUpload ReadJournalUpload(const UnitFile& settings, const std::vector<std::string>& commands);

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_JOURNAL_UPLOAD_H_
