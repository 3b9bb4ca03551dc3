#include "checks/parse/crontab_lines.h"

#include <gtest/gtest.h>

namespace tom {
namespace {

TEST(CrontabLines, SystemTables) {
  const CronTable table = ParseCrontab(
      "# c\nSHELL=/bin/sh\nPATH = /usr/bin:/opt/x\n\n"
      "17 *\t* * *\troot  cd / && run-parts --report /etc/cron.hourly\r\n"
      "@reboot root /usr/local/bin/start\n*/5 1-3 1,2 jan mon-fri www-data /bin/x a=b\n"
      "nonsense\n1 2 3 4 5 root\n1 2 3 4 $ root /bin/x\n",
      true);
  ASSERT_EQ(table.entries.size(), 3u);
  EXPECT_EQ(table.path_variable, "/usr/bin:/opt/x");
  EXPECT_EQ(table.entries[0].minute, "17");
  EXPECT_EQ(table.entries[0].user, "root");
  EXPECT_EQ(table.entries[0].command, "cd / && run-parts --report /etc/cron.hourly");
  EXPECT_EQ(table.entries[0].line, 5);
  EXPECT_EQ(table.entries[1].event, "@reboot");
  EXPECT_EQ(table.entries[2].day_of_week, "mon-fri");
  EXPECT_EQ(table.entries[2].command, "/bin/x a=b");
  EXPECT_EQ(table.bad_lines, (std::vector<int>{8, 9, 10}));
}

TEST(CrontabLines, TablesOfUsers) {
  const CronTable table = ParseCrontab("0 5 * * 1 tar -zcf /var/backups/home.tgz /home/\n", false);
  ASSERT_EQ(table.entries.size(), 1u);
  EXPECT_EQ(table.entries[0].user, "");
  EXPECT_EQ(table.entries[0].command, "tar -zcf /var/backups/home.tgz /home/");
}

TEST(CrontabLines, ProgramsThatAreNamed) {
  struct Case {
    const char* command;
    std::vector<std::string> programs;
  };
  const Case cases[] = {
      {"/bin/a && /bin/b;/bin/c", {"/bin/a", "/bin/b", "/bin/c"}},
      {"test -x /usr/sbin/anacron || { cd / && x; }", {"/usr/sbin/anacron"}},
      {"'/opt/x y' \"/opt/z\"", {"/opt/z"}},
      {"/opt/$X/y /opt/*", {}},
      {"/bin/mail%/etc/passwd", {"/bin/mail"}},
      {"x=/bin/y", {}},
      {"", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(CronPrograms(c.command), c.programs) << c.command;
}

}  // namespace
}  // namespace tom
