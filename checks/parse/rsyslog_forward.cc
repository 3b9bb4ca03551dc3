// Actions of rsyslog that send messages elsewhere, and how: omfwd(5), omrelp; what each mode of a
// stream driver comes to was seen of rsyslogd 8.2302.
#include <algorithm>
#include <cctype>

#include "checks/parse/ascii_words.h"
#include "checks/parse/plain_number.h"
#include "checks/parse/rsyslog_flow.h"

namespace tom {
namespace {

bool IsOn(const std::string& value) { return EqualsNoCase(value, "on") || value == "yes"; }

bool AllDigits(const std::string& text) {
  return !text.empty() && text.size() < 6 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

bool IsLoopback(const std::string& target) {
  return target.starts_with("127.") || target == "::1" || EqualsNoCase(target, "localhost") ||
         EqualsNoCase(target, "localhost.localdomain") || EqualsNoCase(target, "ip6-localhost");
}

void Broken(RsyslogForward& one, const std::string& why) {
  one.works = false;
  one.problem = why;
}

void Doubtful(RsyslogForward& one, const std::string& why) {
  if (one.works != std::optional<bool>(true)) return;
  one.works = std::nullopt;
  one.problem = why;
}

struct Stream {
  std::string driver;
  std::string mode;
  std::string auth_mode;
  bool peers = false;
  std::string ca_file;
  // What is set at the action itself.
  std::string own_ca_file;
  std::string cert_file;
  std::string key_file;
  std::string priority;
};

Stream StreamOf(const RsyslogStatement& action, const RsyslogSettings& settings) {
  Stream stream;
  if (action.legacy) {
    stream.driver = settings.driver;
    stream.mode = settings.mode;
    stream.auth_mode = settings.auth_mode;
    stream.peers = !settings.permitted_peer.empty();
  } else {
    stream.driver = action.Parameter("streamdriver", action.Parameter("streamdriver.name"));
    stream.mode = action.Parameter("streamdrivermode", action.Parameter("streamdriver.mode"));
    stream.auth_mode =
        action.Parameter("streamdriverauthmode", action.Parameter("streamdriver.authmode"));
    stream.peers = !action.Parameter("streamdriverpermittedpeers").empty();
    stream.ca_file = stream.own_ca_file = action.Parameter("streamdriver.cafile");
    stream.cert_file = action.Parameter("streamdriver.certfile");
    stream.key_file = action.Parameter("streamdriver.keyfile");
    stream.priority = action.Parameter("gnutlsprioritystring");
  }
  if (stream.driver.empty()) stream.driver = settings.default_driver;
  if (stream.driver.empty()) stream.driver = "ptcp";
  if (stream.ca_file.empty()) stream.ca_file = settings.default_ca_file;
  return stream;
}

// Whom TLS lets be the receiver.
void ReadAuthMode(RsyslogForward& one, const Stream& stream) {
  const std::string& mode = stream.auth_mode;
  if (EqualsNoCase(mode, "anon")) {
    one.verified = false;
    if (stream.peers) Broken(one, "peers are permitted, which the mode anon refuses");
    return;
  }
  if (EqualsNoCase(stream.driver, "ossl") && EqualsNoCase(mode, "x509/name") && !stream.peers) {
    Broken(one, "the stream driver ossl permits nobody unless it is told whom");
  }
  one.ca_file = stream.ca_file;
  if (mode.empty() || EqualsNoCase(mode, "x509/name")) {
    one.verified = true;
    if (one.ca_file.empty()) Broken(one, "no authority is named by which the receiver is known");
  } else if (EqualsNoCase(mode, "x509/certvalid")) {
    one.verified = false;  // whoever has a certificate of that authority
    if (one.ca_file.empty()) Broken(one, "no authority is named by which the receiver is known");
  } else if (EqualsNoCase(mode, "x509/fingerprint")) {
    one.verified = true;
    one.ca_file.clear();
    if (!stream.peers) Broken(one, "no fingerprint is permitted");
  } else {
    Broken(one, "there is no mode " + mode + " of knowing the receiver");
  }
}

// What each driver refuses, or cannot do without, whatever its mode: the connection is never made.
void HoldAgainstDriver(RsyslogForward& one, const Stream& stream) {
  if (EqualsNoCase(stream.driver, "ptcp")) {
    const bool anon = stream.auth_mode.empty() || EqualsNoCase(stream.auth_mode, "anon");
    if (!anon || stream.peers || !stream.own_ca_file.empty() || !stream.cert_file.empty() ||
        !stream.key_file.empty() || !stream.priority.empty()) {
      Broken(one, "the stream driver ptcp refuses what is set for TLS");
    }
    return;
  }
  if (!stream.own_ca_file.empty()) one.files.push_back(stream.own_ca_file);
  if (EqualsNoCase(stream.driver, "ossl")) {
    for (const std::string& file : {stream.cert_file, stream.key_file}) {
      if (!file.empty()) one.files.push_back(file);
    }
  } else if (!stream.priority.empty() && !StartsNoCase(stream.priority, "NORMAL") &&
             !StartsNoCase(stream.priority, "SECURE")) {
    Doubtful(one, "what gnutlsPriorityString leaves of TLS is not known");
  }
}

void ReadStream(RsyslogForward& one, const Stream& stream) {
  const bool tls_driver =
      EqualsNoCase(stream.driver, "gtls") || EqualsNoCase(stream.driver, "ossl");
  const bool plain = stream.mode.empty() || stream.mode == "0";
  if (!tls_driver && !EqualsNoCase(stream.driver, "ptcp")) {
    Broken(one, "there is no stream driver " + stream.driver);
    if (EqualsNoCase(stream.driver, "mbedtls")) one.works = std::nullopt;
    return;
  }
  HoldAgainstDriver(one, stream);
  if (tls_driver)
    one.driver_module = EqualsNoCase(stream.driver, "gtls") ? "lmnsd_gtls" : "lmnsd_ossl";
  if (plain) {
    one.encrypted = false;
    return;
  }
  if (stream.mode != "1" || !tls_driver) {
    return Broken(one, "the stream driver " + stream.driver + " has no mode " + stream.mode);
  }
  one.encrypted = true;
  ReadAuthMode(one, stream);
}

void ReadForward(const RsyslogStatement& action, const RsyslogSettings& settings,
                 RsyslogForward& one) {
  one.protocol = action.Parameter("protocol", "udp");
  for (char& c : one.protocol) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (one.port.empty()) one.port = "514";
  if (one.protocol == "udp") {
    one.encrypted = false;
    one.verified = false;
  } else if (one.protocol == "tcp") {
    ReadStream(one, StreamOf(action, settings));
    if (settings.reset) Doubtful(one, "$ResetConfigVariables stands before it");
  } else {
    Doubtful(one, "there is no protocol " + one.protocol);
  }
  if (one.encrypted == std::optional<bool>(false)) one.verified = false;
}

// Without a certificate of its own librelp agrees on a key with whoever answers, whatever else is
// set.
void ReadRelp(const RsyslogStatement& action, RsyslogForward& one) {
  one.protocol = "relp";
  one.driver_module = "omrelp";
  if (one.port.empty()) one.port = "514";
  one.encrypted = IsOn(action.Parameter("tls"));
  one.verified = false;
  if (!*one.encrypted) return;
  const std::string mode = action.Parameter("tls.authmode");
  if (action.Parameter("tls.mycert").empty()) {
    if (!mode.empty()) Doubtful(one, "without a certificate of its own RELP knows no receiver");
    return;
  }
  const bool named = EqualsNoCase(mode, "name") || EqualsNoCase(mode, "fingerprint");
  one.verified = named && !action.Parameter("tls.permittedpeer").empty();
  one.ca_file = action.Parameter("tls.cacert");
  if (named && !*one.verified) Broken(one, "nobody is permitted as the receiver");
}

// Modules that send to other hosts in ways of their own.
bool SendsElsewhere(const std::string& module) {
  static constexpr std::string_view kModules[] = {
      "omelasticsearch", "omhttp",       "omkafka",  "omgssapi",         "omczmq",  "omhiredis",
      "ommongodb",       "omclickhouse", "omamqp1",  "omazureeventhubs", "omhdfs",  "omrabbitmq",
      "omprog",          "omsnmp",       "omuxsock", "omlibdbi",         "ommysql", "ompgsql",
      "omdtls",          "omsplunkhec",  "ompipe",   "omjournal"};
  return std::find(std::begin(kModules), std::end(kModules), module) != std::end(kModules);
}

int64_t NumberOr(const std::string& text, int64_t otherwise) {
  return PlainNumber(text).value_or(otherwise);
}

// Where what waits is thrown away, and what leads a connection elsewhere.
void ReadLimits(const RsyslogStatement& action, RsyslogForward& one) {
  constexpr int64_t kFew = 100;
  const bool drops = !action.Parameter("queue.discardseverity").empty() &&
                     NumberOr(action.Parameter("queue.discardmark"), kFew) < kFew;
  if (drops) Doubtful(one, "its queue discards messages that wait");
  if (NumberOr(action.Parameter("queue.size"), kFew) < kFew &&
      !action.Parameter("queue.timeoutenqueue").empty()) {
    Doubtful(one, "its queue holds few messages and does not wait for room");
  }
  if (NumberOr(action.Parameter("ratelimit.interval"), 0) > 0 &&
      NumberOr(action.Parameter("ratelimit.burst"), 200) < 1000) {
    Doubtful(one, "more than ratelimit.burst messages are thrown away");
  }
  for (const char* name : {"networknamespace", "device"}) {
    if (action.Parameter(name).empty()) continue;
    Doubtful(one, std::string(name).append(" is set, and whether it is there is not known"));
  }
  if (!action.Parameter("address").empty() && one.protocol == "udp") {
    Doubtful(one, "whether its own address is this host's is not known");
  }
}

void ReadQueue(const RsyslogStatement& action, const RsyslogSettings& settings,
               RsyslogForward& one) {
  // Without a name for its files it is kept in memory.
  const bool disk = action.legacy ? settings.disk_queue && settings.queue_file
                                  : EqualsNoCase(action.Parameter("queue.type"), "disk") &&
                                        !action.Parameter("queue.filename").empty();
  if (disk && settings.work_folder.empty() && action.Parameter("queue.spooldirectory").empty()) {
    Broken(one, "its queue is on the disk, and no folder for it is named");
  }
  one.queue_file = action.Parameter("queue.filename");
  if (one.queue_file.empty()) return;
  one.queue_folder = action.Parameter("queue.spooldirectory", settings.work_folder);
  one.queue_bound = action.Parameter("queue.maxdiskspace");
}

void ReadOther(const RsyslogStatement& action, RsyslogForward& one) {
  if (one.target.empty()) one.target = action.Parameter("server", action.Parameter("host"));
  Doubtful(one, one.module + " is not understood here");
  if (one.module == "omelasticsearch" || one.module == "omhttp") {
    const std::string https = action.Parameter("usehttps", one.module == "omhttp" ? "on" : "off");
    one.encrypted = IsOn(https);
    if (*one.encrypted) one.verified = !IsOn(action.Parameter("allowunsignedcerts", "off"));
  }
}

}  // namespace

std::optional<RsyslogForward> DescribeRsyslogForward(const RsyslogStatement& action,
                                                     const RsyslogSettings& settings) {
  RsyslogForward one;
  one.module = action.name;
  one.place = action.Place();
  one.target = action.Parameter("target");
  one.port = action.Parameter("port");
  if (action.name == "ompipe" && action.Parameter("pipe") == "/dev/xconsole") return std::nullopt;
  if (action.name == "omfwd") {
    ReadForward(action, settings, one);
  } else if (action.name == "omrelp") {
    ReadRelp(action, one);
  } else if (action.name == "omudpspoof") {
    one.protocol = "udp";
    one.encrypted = false;
    one.verified = false;
  } else if (SendsElsewhere(action.name)) {
    ReadOther(action, one);
    return one;
  } else {
    return std::nullopt;
  }
  if (one.target.find('\0') != std::string::npos || one.port.find('\0') != std::string::npos) {
    Doubtful(one, "its target stands in the environment of rsyslogd");
    one.target = "(environment)";
  }
  if (one.target.empty()) Doubtful(one, "it names no target");
  const auto targets = action.parameters.find("target");
  if (targets != action.parameters.end() && targets->second.size() > 1) {
    Doubtful(one, "it names more than one target, which rsyslogd before 8.2408 refuses");
  }
  // Without a port a comment behind the host becomes a part of it.
  if (one.target.find_first_of(" \t#/\"'") != std::string::npos) {
    Broken(one, "its target is no host: " + one.target.substr(0, 100));
  }
  if (IsLoopback(one.target)) {
    Doubtful(one, "it goes to this host itself");
    one.encrypted = one.verified = std::nullopt;
  }
  if (one.port == "0") Broken(one, "its port is 0");
  ReadLimits(action, one);
  if (!AllDigits(one.port)) Doubtful(one, "its port is " + one.port);
  const bool fallback = IsOn(action.Parameter("action.execonlywhenpreviousissuspended"));
  one.sometimes = action.legacy ? settings.only_when_suspended : fallback;
  ReadQueue(action, settings, one);
  return one;
}

}  // namespace tom
