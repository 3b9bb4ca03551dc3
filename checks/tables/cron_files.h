// The tables and folders of scripts that cron runs (cron(8) of Debian, crond(8) of cronie).
#ifndef TOM_CHECKS_TABLES_CRON_FILES_H_
#define TOM_CHECKS_TABLES_CRON_FILES_H_

#include <string>
#include <vector>

#include "checks/engine/table.h"
#include "checks/parse/crontab_lines.h"

namespace tom {

struct CronFile {
  std::string path;
  std::string user;  // of a table of a user
  bool system = false;
  CronTable table;
};

// Tables that could not be read or understood are said to the sink.
std::vector<CronFile> ReadCronFiles(Env& env, RowSink& sink);

// What run-parts(8) runs every hour, day, week and month.
std::vector<std::string> CronScripts(Env& env, RowSink& sink);

std::vector<Touch> CronTouches();

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_CRON_FILES_H_
