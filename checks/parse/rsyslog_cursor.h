// A place in rsyslog's configuration: included files are read as if they stood where they are
// named, so that a statement may go on in the next file. Internal to rsyslog_config.
#ifndef TOM_CHECKS_PARSE_RSYSLOG_CURSOR_H_
#define TOM_CHECKS_PARSE_RSYSLOG_CURSOR_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checks/parse/rsyslog_config.h"

namespace tom {

class RsyslogCursor {
 public:
  explicit RsyslogCursor(const RsyslogSource& main) { Push(main); }

  // `source` is read next, then what is left here. False: too many files.
  bool Push(const RsyslogSource& source);

  // Nothing more is read, of any file.
  void Stop();

  // The character here, 0 at the end of everything. Files that are read to their end are left.
  char Peek();
  // The next `length` characters of this file, fewer at its end.
  std::string_view Rest();
  void Skip(size_t count);

  void SkipBlanks();        // blanks, line ends and comments
  void SkipBlanksInLine();  // blanks and tabs
  std::string TakeLine();   // to the line's end, which is left; without blanks behind
  std::string TakeWord(std::string_view more);  // letters, digits and `more`
  bool TakeKeyword(std::string_view word);      // with no letter, digit or _ behind it
  bool TakeChar(char c);

  const std::string& file() const { return files_.back().path; }
  int line() const { return files_.back().line; }
  size_t depth() const { return files_.size(); }

 private:
  struct File {
    std::string path;
    std::string text;
    size_t at = 0;
    int line = 1;
  };
  void SkipComment();

  std::vector<File> files_;
  size_t opened_ = 0;
};

}  // namespace tom

#endif  // TOM_CHECKS_PARSE_RSYSLOG_CURSOR_H_
