// Tables of how a system is set up, over hosts in memory.
#include <gtest/gtest.h>

#include "checks/engine/scan.h"
#include "checks/env/fake_env.h"

namespace tom {

Table apt_sources_table();
Table audit_rules_table();
Table crontab_table();
Table deb_packages_table();
Table kernel_info_table();
Table kernel_module_policy_table();
Table kernel_modules_table();
Table oscap_results_table();
Table password_policy_table();
Table pending_updates_table();
Table reboot_state_table();
Table resource_limits_table();
Table rpm_packages_table();
Table scheduled_programs_table();
Table selinux_settings_table();
Table startup_items_table();
Table suid_bin_table();
Table system_controls_table();
Table systemd_timers_table();
Table systemd_units_table();
Table uptime_table();
Table approved_controls_table();

namespace {

// Rows as "column=value …" of the columns asked for, and reasons with "! " in front.
class Seen {
 public:
  Seen(const Table& table, Env& env, std::vector<std::string> columns,
       const std::vector<Constraint>& constraints = {}, const Declared& declared = {})
      : table_(table), columns_(std::move(columns)) {
    scan_ = ScanTable(table, env, {.declared = declared, .constraints = constraints}, nullptr);
  }

  std::string Text() const {
    std::string text;
    for (const ValueRow& row : scan_.rows) {
      for (const std::string& column : columns_) {
        for (size_t i = 0; i < table_.columns.size(); ++i) {
          if (table_.columns[i].name != column) continue;
          if (column != columns_.front()) text.append("|");
          text.append(IsNull(row[i]) ? "NULL" : ValueText(row[i]));
        }
      }
      text.append("\n");
    }
    return text;
  }
  const std::vector<std::string>& incomplete() const { return scan_.incomplete; }

 private:
  const Table table_;
  std::vector<std::string> columns_;
  Scan scan_;
};

std::vector<Constraint> Named(const std::string& column, const std::string& value,
                              Constraint::Kind kind = Constraint::Kind::kEqual) {
  return {{.column = column, .kind = kind, .value = value}};
}

TEST(KernelInfo, SplitsTheCommandLine) {
  FakeEnv env;
  env.AddFile("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  env.AddFile("/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro  quiet\n");
  const Seen seen(kernel_info_table(), env, {"version", "arguments", "path", "device", "tainted"});
  EXPECT_EQ(seen.Text(), "6.1.0-18-amd64|ro quiet|/boot/vmlinuz|/dev/sda1|NULL\n");
}

TEST(Uptime, InItsParts) {
  FakeEnv env;
  env.AddFile("/proc/uptime", "93784.51 1.0\n");
  EXPECT_EQ(
      Seen(uptime_table(), env, {"days", "hours", "minutes", "seconds", "total_seconds"}).Text(),
      "1|2|3|4|93784\n");
  for (const char* bad : {"", "x", "-5 1", "99999999999999999999999 1", "5x"}) {
    FakeEnv other;
    other.AddFile("/proc/uptime", bad);
    EXPECT_EQ(Seen(uptime_table(), other, {"days"}).incomplete().size(), 1u) << bad;
  }
}

TEST(KernelModules, AKernelWithoutThemHasNone) {
  FakeEnv env;
  env.AddFile("/proc/sys/kernel/osrelease", "6.1\n");
  const Seen none(kernel_modules_table(), env, {"name"});
  EXPECT_EQ(none.Text(), "");
  EXPECT_TRUE(none.incomplete().empty());
  FakeEnv dead;
  EXPECT_FALSE(Seen(kernel_modules_table(), dead, {"name"}).incomplete().empty());
}

TEST(KernelModulePolicy, AWholeKernelWithoutModulesLoadsNothing) {
  FakeEnv env;
  env.AddFile("/proc/sys/kernel/osrelease", "6.1\n");
  const Seen seen(kernel_module_policy_table(), env, {"loaded", "available", "builtin", "blocked"},
                  Named("name", "sctp"));
  EXPECT_EQ(seen.Text(), "0|0|0|0\n");
}

TEST(SystemControls, NamesPatternsAndWhatIsConfiguredAlone) {
  FakeEnv env;
  env.AddFile("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
  env.AddFile("/proc/sys/net/ipv4/conf/eth0.1/rp_filter", "2\n");
  env.AddFile("/proc/sys/net/ipv4/conf/all/secret", "x", 0200);
  env.AddFile("/proc/sys/kernel/domainname", "(none)\n");
  env.AddFile("/proc/sys/fs/binfmt_misc/status", "enabled\n");
  env.AddFile("/etc/sysctl.d/a.conf", "net.ipv4.conf.all.rp_filter=2\nno.such=1\n");
  const std::vector<std::string> columns = {"name", "current_value", "config_value", "type"};
  EXPECT_EQ(
      Seen(system_controls_table(), env, columns, Named("name", "net.ipv4.conf.all.rp_filter"))
          .Text(),
      "net.ipv4.conf.all.rp_filter|1|2|int\n");
  EXPECT_EQ(Seen(system_controls_table(), env, columns,
                 Named("name", "NET.ipv4.conf.%.rp_FILTER", Constraint::Kind::kLike))
                .Text(),
            "net.ipv4.conf.all.rp_filter|1|2|int\nnet.ipv4.conf.eth0/1.rp_filter|2|NULL|int\n");
  EXPECT_EQ(Seen(system_controls_table(), env, columns,
                 Named("name", "net.ipv4.conf.%.rp_filter", Constraint::Kind::kLike))
                .Text(),
            "net.ipv4.conf.all.rp_filter|1|2|int\nnet.ipv4.conf.eth0/1.rp_filter|2|NULL|int\n");
  const std::string all = Seen(system_controls_table(), env, columns).Text();
  EXPECT_NE(all.find("no.such|NULL|1|NULL\n"), std::string::npos) << all;
  EXPECT_NE(all.find("kernel.domainname|(none)|NULL|string\n"), std::string::npos) << all;
  EXPECT_NE(all.find("net.ipv4.conf.all.secret|NULL|NULL|NULL\n"), std::string::npos) << all;
  EXPECT_EQ(all.find("binfmt"), std::string::npos) << all;
  for (const char* odd : {"", "..", "kernel/domainname", "../etc/passwd", "a..b"}) {
    EXPECT_EQ(Seen(system_controls_table(), env, columns, Named("name", odd)).Text(), "") << odd;
  }
}

TEST(ApprovedControls, AreWhatIsDeclared) {
  FakeEnv env;
  Declared declared;
  declared.sysctl = {{"kernel/kptr_restrict", "1"}};
  EXPECT_EQ(Seen(approved_controls_table(), env, {"name", "value"}, {}, declared).Text(),
            "kernel.kptr_restrict|1\n");
}

TEST(Crontab, SystemTablesAndThoseOfUsers) {
  FakeEnv env;
  env.AddFile("/etc/crontab", "17 * * * * root run-parts /etc/cron.hourly\n");
  env.AddFile("/var/spool/cron/crontabs/alice", "@daily /home/alice/job\n");
  const Seen seen(crontab_table(), env, {"event", "minute", "command", "path", "username"});
  EXPECT_EQ(seen.Text(),
            "|17|run-parts /etc/cron.hourly|/etc/crontab|root\n"
            "@daily||/home/alice/job|/var/spool/cron/crontabs|alice\n");
  EXPECT_TRUE(seen.incomplete().empty());
  env.AddError("/var/spool/cron/crontabs/alice", absl::PermissionDeniedError("x/alice: EACCES"));
  const Seen denied(crontab_table(), env, {"path"});
  ASSERT_EQ(denied.incomplete().size(), 1u);
  EXPECT_EQ(denied.incomplete()[0].find("alice"), std::string::npos);  // a name is personal
}

TEST(ScheduledPrograms, ANetOfLinksAndOwners) {
  FakeEnv env;
  env.AddFile("/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww:x:33:33::/:/bin/sh\n");
  env.AddFile("/etc/crontab",
              "1 * * * * root /opt/a\n2 * * * * www /opt/b\n3 * * * * root /opt/b\n");
  env.AddFile("/opt/a", "x", 0755).AddFile("/opt/b", "x", 0755).SetOwner("/opt/b", 33, 33);
  const Seen seen(scheduled_programs_table(), env, {"kind", "path", "guarded", "weakness"});
  EXPECT_EQ(seen.Text(),
            "table|/etc/crontab|1|\nprogram|/opt/a|1|\nprogram|/opt/b|1|\n"
            "program|/opt/b|0|/opt/b belongs to user id 33\n");
}

TEST(StartupItems, UnitsScriptsAndSessions) {
  FakeEnv env;
  env.AddFile("/usr/lib/systemd/system/a.service",
              "[Service]\nExecStart=-/bin/a --x y\nUser=www\n");
  env.AddFile("/usr/lib/systemd/system/off.service", "[Service]\nExecStart=/bin/off\n");
  env.AddLink("/etc/systemd/system/multi-user.target.wants/a.service",
              "/usr/lib/systemd/system/a.service");
  env.AddLink("/etc/rc2.d/S01cron", "../init.d/cron").AddFile("/etc/init.d/cron", "x", 0755);
  env.AddFile("/etc/rc.local", "#!/bin/sh\n", 0644);
  env.AddFile("/etc/xdg/autostart/b.desktop", "[Desktop Entry]\nExec=/bin/b -z\n");
  env.AddFile("/etc/xdg/autostart/c.desktop", "[Desktop Entry]\nExec=/bin/c\nHidden=true\n");
  EXPECT_EQ(Seen(startup_items_table(), env, {"name", "path", "args", "type", "username"}).Text(),
            "a.service|/bin/a|--x y|systemd unit|www\ncron|/etc/rc2.d/S01cron||Startup Item|root\n"
            "b.desktop|/bin/b|-z|Startup Item|NULL\n");
}

TEST(SystemdUnits, OneByItsName) {
  FakeEnv env;
  env.AddDirectory("/run/systemd/system");
  env.AddFile("/usr/lib/systemd/system/a.service",
              "[Unit]\nDescription=A thing\n[Service]\nUser=www\n");
  env.AddLink("/run/systemd/units/invocation:a.service", "01");
  EXPECT_EQ(Seen(systemd_units_table(), env,
                 {"id", "description", "load_state", "active_state", "unit_file_state", "starts"},
                 Named("id", "a.service"))
                .Text(),
            "a.service|A thing|loaded|active|static|0\n");
  EXPECT_EQ(Seen(systemd_units_table(), env, {"id"}, Named("id", "no.service")).Text(), "");
}

TEST(SystemdTimers, WhatTheyStartAndWhen) {
  FakeEnv env;
  env.AddFile("/usr/lib/systemd/system/a.timer", "[Timer]\nOnCalendar=daily\nOnBootSec=5m\n");
  env.AddFile("/usr/lib/systemd/system/a.service", "[Service]\nExecStart=/bin/a\n");
  env.AddFile("/usr/lib/systemd/system/b.timer", "[Timer]\nOnCalendar=daily\nUnit=gone.service\n");
  env.AddLink("/etc/systemd/system/timers.target.wants/a.timer", "/usr/lib/systemd/system/a.timer");
  env.AddFile("/var/lib/systemd/timers/stamp-a.timer", "")
      .SetModified("/var/lib/systemd/timers/stamp-a.timer", 77);
  EXPECT_EQ(
      Seen(systemd_timers_table(), env, {"id", "schedule", "unit", "runs", "last_trigger"}).Text(),
      "a.timer|OnCalendar=daily; OnBootSec=5m|a.service|1|77\n"
      "b.timer|OnCalendar=daily|gone.service|0|NULL\n");
}

TEST(DebPackages, StatusAndPieces) {
  FakeEnv env;
  env.AddFile("/var/lib/dpkg/status",
              "Package: a\nStatus: hold ok installed\nVersion: 1:2.0-3\nArchitecture: amd64\n"
              "Installed-Size: 12\n\nPackage: b\nStatus: broken\nVersion: 1\n");
  env.AddFile("/var/lib/dpkg/status.d/c", "Package: c\nVersion: 5\n");
  env.AddFile("/var/lib/dpkg/status.d/c.md5sums", "x  y\n");
  EXPECT_EQ(
      Seen(deb_packages_table(), env, {"name", "version", "revision", "size", "state", "held"})
          .Text(),
      "a|1:2.0-3|3|12|installed|1\nb|1||NULL|NULL|0\nc|5||NULL|installed|0\n");
  FakeEnv none;
  EXPECT_TRUE(Seen(deb_packages_table(), none, {"name"}).incomplete().empty());
  none.AddFile("/usr/bin/dpkg", "");
  EXPECT_FALSE(Seen(deb_packages_table(), none, {"name"}).incomplete().empty());
}

TEST(AptSources, WithoutAnyListsNothingIsFetched) {
  FakeEnv env;
  env.AddFile("/etc/apt/sources.list", "deb http://a.example.org/d s main\nbroken\n");
  env.AddFile("/etc/apt/sources.list.d/x.txt", "deb http://b.example.org/d s main\n");
  const Seen seen(apt_sources_table(), env, {"name", "fetched", "lists_missing", "security"});
  EXPECT_EQ(seen.Text(), "http://a.example.org/d s main|0|1|NULL\n");
  EXPECT_EQ(seen.incomplete().size(), 2u);
}

TEST(PendingUpdates, ABoundedListOfAnHostileArchive) {
  FakeEnv env;
  env.SetNow(1795219200);
  env.AddFile("/var/lib/dpkg/status",
              "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n");
  env.AddFile("/etc/apt/sources.list", "deb http://h/d s main\n");
  env.AddFile("/var/lib/apt/lists/h_d_dists_s_InRelease",
              "Suite: s-security\nDate: Sat, 21 Nov 2026 00:00:00 UTC\n");
  env.AddFile("/var/lib/apt/lists/h_d_dists_s_main_binary-amd64_Packages",
              std::string(2 << 20, 'x'));
  const Seen seen(pending_updates_table(), env, {"name"});
  ASSERT_EQ(seen.incomplete().size(), 1u);
  env.AddFile("/var/lib/apt/lists/h_d_dists_s_main_binary-amd64_Packages",
              "Package: a\nVersion: 2\nArchitecture: amd64\n\nPackage: a\nVersion: "
              "3~rc1\nArchitecture: arm64\n");
  EXPECT_EQ(
      Seen(pending_updates_table(), env, {"name", "installed", "candidate", "security"}).Text(),
      "a|1|2|1\n*|1|NULL|1\n");
}

TEST(AuditRules, AreUnderstood) {
  FakeEnv env;
  env.AddFile("/etc/audit/rules.d/a.rules",
              "# c\n-D\n-w /etc/passwd -p wa -k id\n-a always,exit -F arch=b64 -S a -S b -F key=x\n"
              "-a always,exit -F path=/bin/su -F perm=x\n-e 2\n");
  EXPECT_EQ(
      Seen(audit_rules_table(), env, {"line", "kind", "target", "key"}).Text(),
      "2|delete||\n3|watch|/etc/passwd|id\n4|syscall|a,b|x\n5|syscall|/bin/su|\n6|control|e 2|\n");
}

TEST(SelinuxSettings, RunningAndConfigured) {
  FakeEnv env;
  env.AddFile("/sys/fs/selinux/enforce", "0");
  env.AddFile("/sys/fs/selinux/booleans/httpd_x", "1 1");
  env.AddFile("/etc/selinux/config", "#SELINUX=x\nSELINUX = enforcing\n");
  EXPECT_EQ(Seen(selinux_settings_table(), env, {"scope", "key", "value"}).Text(),
            "root|enforce|0\nbooleans|httpd_x|1\nconfig|SELINUX|enforcing\n");
}

TEST(PasswordPolicy, TheMainFileOfPwqualityWins) {
  FakeEnv env;
  env.AddFile("/etc/login.defs", "PASS_MAX_DAYS\t99999 # x\nUMASK 022\n");
  env.AddFile("/etc/security/pwquality.conf", "minlen = 9\nenforce_for_root\n");
  env.AddFile("/etc/security/pwquality.conf.d/z.conf", "minlen=20\n");
  EXPECT_EQ(Seen(password_policy_table(), env, {"scope", "name", "value", "number"}).Text(),
            "login.defs|PASS_MAX_DAYS|99999|99999\nlogin.defs|UMASK|022|18\n"
            "pwquality|enforce_for_root|1|1\npwquality|minlen|9|9\n");
}

TEST(ResourceLimits, OfLoginsAndServices) {
  FakeEnv env;
  env.AddFile("/etc/security/limits.conf", "* hard core 0 # x\nalice - core 5\nbad line\n");
  env.AddFile("/etc/systemd/system.conf", "[Manager]\nDefaultLimitCORE=0\n");
  EXPECT_EQ(Seen(resource_limits_table(), env, {"domain", "username", "item", "value"}).Text(),
            "*|NULL|core|0\nuser|alice|core|5\nsystemd|NULL|DefaultLimitCORE|0\n");
}

TEST(RebootState, OtherFlavoursDoNotCount) {
  FakeEnv env;
  env.AddFile("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  env.AddFile("/boot/vmlinuz-6.1.0-20-rt-amd64", "").AddFile("/boot/vmlinuz-6.1.0-18-amd64", "");
  env.AddFile("/boot/vmlinuz-9.9.9-0-arm64", "");
  env.AddFile("/run/reboot-required", "").AddFile("/run/reboot-required.pkgs", "a\nb\n");
  EXPECT_EQ(
      Seen(reboot_state_table(), env, {"required", "packages", "newest_kernel", "newer_kernel"})
          .Text(),
      "1|a b|6.1.0-18-amd64|0\n");
}

TEST(SuidBin, SetgidWithoutExecutionIsALock) {
  FakeEnv env;
  env.AddFile("/etc/passwd", "root:x:0:0::/root:/bin/sh\n").AddFile("/etc/group", "root:x:0:\n");
  env.AddFile("/usr/bin/a", "", 04755)
      .AddFile("/usr/bin/b", "", 02644)
      .AddFile("/usr/bin/c", "", 02755);
  env.AddFile("/usr/lib/a/b/c/d/deep", "", 04755).AddFile("/usr/lib/x/helper", "", 04755);
  env.AddLink("/usr/bin/loop", "/usr/bin");
  EXPECT_EQ(Seen(suid_bin_table(), env, {"path", "permissions", "mode"}).Text(),
            "/usr/bin/a|S|4755\n/usr/bin/c|G|2755\n/usr/lib/x/helper|S|4755\n");
}

TEST(OscapResults, WhatWasNotEvaluatedIsNotEvaluated) {
  FakeEnv env;
  Declared declared;
  declared.oscap_results = {"/r.xml", "/none.xml"};
  env.AddFile(
      "/r.xml",
      "<Benchmark xmlns=\"http://checklists.nist.gov/xccdf/1.2\"><TestResult "
      "end-time=\"2026-11-21T00:00:00+01:00\"><rule-result "
      "idref=\"a\"><result>pass</result></rule-result>"
      "<rule-result idref=\"b\"><result>notapplicable</result></rule-result>"
      "<rule-result idref=\"c\"><result>error</result></rule-result></TestResult></Benchmark>");
  const Seen seen(oscap_results_table(), env, {"rule", "result", "evaluated", "ended_at"}, {},
                  declared);
  EXPECT_EQ(seen.Text(),
            "a|pass|1|1795215600\nb|notapplicable|0|1795215600\nc|error|NULL|1795215600\n");
  ASSERT_EQ(seen.incomplete().size(), 1u);
  EXPECT_NE(seen.incomplete()[0].find("/none.xml"), std::string::npos);
}

TEST(RpmPackages, WhatIsNotReadIsSaid) {
  FakeEnv none;
  EXPECT_TRUE(Seen(rpm_packages_table(), none, {"name"}).incomplete().empty());
  FakeEnv old;
  old.AddFile("/var/lib/rpm/Packages", "x");
  EXPECT_FALSE(Seen(rpm_packages_table(), old, {"name"}).incomplete().empty());
  for (const std::string& bytes : {std::string(), std::string(5000, '\0'),
                                   std::string("SQLite format 3\0", 16) + std::string(5000, 'x')}) {
    FakeEnv bad;
    bad.AddFile("/var/lib/rpm/rpmdb.sqlite", bytes);
    EXPECT_FALSE(Seen(rpm_packages_table(), bad, {"name"}).incomplete().empty()) << bytes.size();
  }
}

}  // namespace
}  // namespace tom
