// The table over servers of libssl in memory: no socket is opened.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <map>

#include "checks/engine/scan.h"
#include "checks/engine/sql_engine.h"
#include "checks/env/fake_env.h"

namespace tom {

Table tls_endpoints_table();

namespace {

constexpr UnixSeconds kNow = 1800000000;

// A key, and a certificate signed by itself, from a day before kNow to `days` after it.
struct Identity {
  explicit Identity(int days = 100, const char* names = "DNS:a.example.org,IP:127.0.0.1")
      : key(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate(X509_new(), X509_free) {
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    ASN1_TIME_set(X509_getm_notBefore(x), kNow - 86400);
    ASN1_TIME_set(X509_getm_notAfter(x), kNow + days * 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, key.get());
    X509_EXTENSION* names_extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(x, names_extension, -1);
    X509_EXTENSION_free(names_extension);
    X509_sign(x, key.get(), EVP_sha256());
  }

  std::string Pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
  std::unique_ptr<X509, decltype(&X509_free)> certificate;
};

struct Settings {
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  std::string ciphers = "ECDHE+AESGCM";
};

// A server: each connection is an SSL of its own, told from another by what it has sent.
class MemoryServer {
 public:
  MemoryServer(const Identity& identity, const Settings& settings)
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_set_min_proto_version(context_.get(), settings.min_version);
    SSL_CTX_set_max_proto_version(context_.get(), settings.max_version);
    SSL_CTX_set_cipher_list(context_.get(), settings.ciphers.c_str());
    SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
  }

  FakeEnv::TcpAnswer operator()(std::string_view sent) {
    if (sent_.empty() || !sent.starts_with(sent_)) Start();
    BIO_write(in_, sent.data() + sent_.size(), static_cast<int>(sent.size() - sent_.size()));
    sent_ = sent;
    const int code = SSL_accept(ssl_.get());
    const bool failed = code != 1 && SSL_get_error(ssl_.get(), code) != SSL_ERROR_WANT_READ;
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    FakeEnv::TcpAnswer answer{.bytes = std::string(data, static_cast<size_t>(size)),
                              .end = failed ? TcpEnd::kClosed : TcpEnd::kEnough};
    static_cast<void>(BIO_reset(out_));
    return answer;
  }

 private:
  void Start() {
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    sent_.clear();
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
  std::string sent_;
};

FakeEnv::TcpServer Serve(const Identity& identity, const Settings& settings = {}) {
  const auto server = std::make_shared<MemoryServer>(identity, settings);
  return [server](std::string_view sent) { return (*server)(sent); };
}

FakeEnv::TcpServer Say(std::string bytes, TcpEnd end) {
  return [=](std::string_view) { return FakeEnv::TcpAnswer{.bytes = bytes, .end = end}; };
}

constexpr char kHeader[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
    "   uid  timeout inode\n";

// A line of /proc/net/tcp for a listener on 127.0.0.1 (or 0.0.0.0) of this little-endian machine.
std::string Listener(int port, bool any = false) {
  char line[200];
  std::snprintf(
      line, sizeof(line),
      "   0: %s:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "%d 1 0000000000000000 100 0 0 10 0\n",
      any ? "00000000" : "0100007F", port, 1000 + port);
  return line;
}

class TlsEndpoints : public testing::Test {
 protected:
  TlsEndpoints() {
    env.SetNow(kNow).AddFile("/proc/net/tcp", kHeader).AddFile("/proc/net/tcp6", kHeader);
    env.AddFile("/etc/ca.pem", identity.Pem());
    env.AddFile("/etc/ssl/certs/ca-certificates.crt", Identity().Pem());
  }

  void Declare(std::string host, int64_t port, std::string name = "a.example.org") {
    DeclaredEndpoint endpoint;
    endpoint.host = std::move(host);
    endpoint.port = port;
    endpoint.server_name = std::move(name);
    endpoint.ca_file = "/etc/ca.pem";
    declared.endpoints.push_back(endpoint);
  }

  // Column -> text of each row; NULL is absent.
  std::vector<std::map<std::string, std::string>> Rows() {
    const Table table = tls_endpoints_table();
    const Scan scan = ScanTable(table, env, {.declared = declared, .constraints = {}}, nullptr);
    incomplete = scan.incomplete;
    std::vector<std::map<std::string, std::string>> rows;
    for (const ValueRow& row : scan.rows) {
      auto& cells = rows.emplace_back();
      for (size_t i = 0; i < row.size(); ++i) {
        if (!IsNull(row[i])) cells[table.columns[i].name] = ValueText(row[i]);
      }
    }
    return rows;
  }

  Identity identity;
  FakeEnv env;
  Declared declared;
  std::vector<std::string> incomplete;
};

TEST_F(TlsEndpoints, AGoodServer) {
  env.AddTcpServer("127.0.0.1", 443, Serve(identity));
  Declare("127.0.0.1", 443);
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 1u);
  auto& row = rows[0];
  EXPECT_EQ(row["outcome"], "tls") << row["error"];
  EXPECT_EQ(row["versions"], "TLSv1.2 TLSv1.3");
  EXPECT_EQ(row["weakest_rank"], "12");
  EXPECT_EQ(row.count("weak_ciphers"), 1u);
  EXPECT_EQ(row["weak_ciphers"], "");
  EXPECT_EQ(row["forward_secrecy"], "1");
  EXPECT_EQ(row["client_certificate"], "0");
  EXPECT_EQ(row["certificate_valid"], "1") << row["certificate_error"];
  EXPECT_EQ(row["name_matches"], "1");
  EXPECT_EQ(row["days_left"], "100");
  EXPECT_EQ(row["key_type"] + row["key_bits"], "EC256");
  EXPECT_EQ(row["source"], "declared");
  EXPECT_EQ(row.count("error"), 0u) << row["error"];
  EXPECT_LE(env.connections().size(), 11u);
}

// The version of a hello by its bytes: 0 to 3 for SSLv3 to TLSv1.2 (and 1.3), -1 for SSLv2.
int AskedFor(std::string_view sent) { return sent.size() > 10 && sent[0] == 22 ? sent[10] : -1; }

// A server that chooses no version but the one that it was asked for.
FakeEnv::TcpServer Strict(const Identity& identity, int version) {
  const auto server = Serve(identity);
  return [=](std::string_view sent) -> FakeEnv::TcpAnswer {
    const int asked = AskedFor(sent);
    if (asked == 3) return server(sent);
    if (asked != version)
      return {.bytes = std::string("\x15\3\1\0\2\2\x46", 7), .end = TcpEnd::kClosed};
    std::string hello("\x16\3\1\0\x2a\2\0\0\x26\3\1", 11);
    hello[2] = hello[10] = static_cast<char>(version);
    hello += std::string(32, 'r') + std::string("\0\0\x2f\0", 4);
    return {.bytes = hello, .end = TcpEnd::kEnough};
  };
}

TEST_F(TlsEndpoints, AVersionIsRefusedOnlyWhereItWasAskedForByItself) {
  const std::pair<int, std::string> cases[] = {{0, "SSLv3"}, {1, "TLSv1.0"}, {2, "TLSv1.1"}};
  for (const auto& [version, name] : cases) {
    env.AddTcpServer("127.0.0.1", 1000 + version, Strict(identity, version));
    Declare("127.0.0.1", 1000 + version);
  }
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 3u);
  for (const auto& [version, name] : cases) {
    auto& row = rows[static_cast<size_t>(version)];
    EXPECT_EQ(row["versions"], name + " TLSv1.2 TLSv1.3") << row["error"];
    EXPECT_EQ(row["weakest_version"], name);
  }
}

TEST_F(TlsEndpoints, OldVersionsAndWeakSuites) {
  struct Case {
    Settings settings;
    const char* versions;
    const char* weakest;
    const char* forward_secrecy;
  };
  const Case cases[] = {
      {{TLS1_VERSION, TLS1_VERSION, "ECDHE@SECLEVEL=0"}, "TLSv1.0", "10", "1"},
      {{TLS1_1_VERSION, TLS1_2_VERSION, "ECDHE@SECLEVEL=0"}, "TLSv1.1 TLSv1.2", "11", "1"},
      {{TLS1_3_VERSION, TLS1_3_VERSION, "ECDHE"}, "TLSv1.3", "13", "1"},
      {{TLS1_2_VERSION, TLS1_2_VERSION, "aNULL:eNULL:ECDHE@SECLEVEL=0"}, "TLSv1.2", "12", "1"},
  };
  int64_t port = 1000;
  for (const Case& c : cases) {
    env.AddTcpServer("127.0.0.1", ++port, Serve(identity, c.settings));
    Declare("127.0.0.1", port);
  }
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 4u);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["versions"], cases[i].versions) << rows[i]["error"];
    EXPECT_EQ(rows[i]["weakest_rank"], cases[i].weakest);
    EXPECT_EQ(rows[i]["forward_secrecy"], cases[i].forward_secrecy) << cases[i].versions;
    EXPECT_EQ(rows[i]["certificate_valid"], "1") << i << rows[i]["certificate_error"];
  }
  EXPECT_NE(rows[3]["weak_ciphers"].find("NULL"), std::string::npos) << rows[3]["weak_ciphers"];
}

TEST_F(TlsEndpoints, CertificatesThatAreWrong) {
  const Identity expired(-1 + 0, "DNS:a.example.org");
  const Identity other(100, "DNS:b.example.org,DNS:a*.example.org");
  env.AddTcpServer("127.0.0.1", 1, Serve(expired));
  env.AddTcpServer("127.0.0.1", 2, Serve(other));
  env.AddTcpServer("127.0.0.1", 3, Serve(identity));
  for (const int port : {1, 2, 3}) Declare("127.0.0.1", port);
  declared.endpoints[2].ca_file = "/etc/absent.pem";
  auto rows = Rows();
  EXPECT_EQ(rows[0]["certificate_valid"], "0");
  EXPECT_NE(rows[0]["certificate_error"].find("expired"), std::string::npos);
  EXPECT_EQ(rows[1]["name_matches"], "0");
  EXPECT_NE(rows[1]["certificate_error"].find("self-signed"), std::string::npos);
  EXPECT_NE(rows[1]["certificate_error"].find("not for a.example.org"), std::string::npos);
  EXPECT_EQ(rows[2].count("certificate_valid"), 0u);
  EXPECT_NE(rows[2]["certificate_error"].find("/etc/absent.pem"), std::string::npos);
}

// RFC 6066, section 3: no literal address, no trailing dot.
TEST_F(TlsEndpoints, OnlyADnsNameIsSentAsServerName) {
  struct Case {
    const char* name;
    const char* sent;  // nullptr: no name at all
  };
  for (const Case& c : {Case{"a.example.org", "a.example.org"},
                        {"a.example.org.", "a.example.org"},
                        {"127.0.0.1", nullptr},
                        {"::1", nullptr},
                        {"", nullptr}}) {
    std::string hellos;
    const auto server = Serve(identity);
    env.AddTcpServer("127.0.0.1", 443, [&](std::string_view sent) {
      hellos.append(sent);
      return server(sent);
    });
    declared.endpoints.clear();
    Declare("127.0.0.1", 443, c.name);
    Rows();
    const bool other = hellos.find(c.sent == nullptr ? "127.0.0.1" : c.sent) != std::string::npos;
    EXPECT_EQ(other, c.sent != nullptr) << c.name;
    EXPECT_EQ(hellos.find("example.org."), std::string::npos) << c.name;
    EXPECT_EQ(hellos.find("::1"), std::string::npos) << c.name;
  }
}

TEST_F(TlsEndpoints, WhatDoesNotSpeakTls) {
  struct Case {
    FakeEnv::TcpServer server;
    const char* outcome;
    const char* reachable;
    const char* protocol;
  };
  const Case cases[] = {
      {Say("HTTP/1.1 400 Bad Request\r\n", TcpEnd::kClosed), "not_tls", "1", "http"},
      {Say("SSH-2.0-x\r\n", TcpEnd::kEnough), "not_tls", "1", "ssh"},
      {Say("220 mail\r\n", TcpEnd::kEnough), "not_tls", "1", "smtp"},
      {Say("", TcpEnd::kEnough), "silent", "0", ""},
      {Say("", TcpEnd::kClosed), "closed", "0", ""},
      {Say("", TcpEnd::kReset), "reset", "0", ""},
      {Say("\x16\x03\x03", TcpEnd::kEnough), "silent", "0", ""},
      {Say(std::string("\x16\x03\x03\0\4\2\xff\xff\xff", 9), TcpEnd::kEnough), "garbled", "1", ""},
      {Say(std::string("\x15\x03\x01\0\2\2\x28", 7), TcpEnd::kClosed), "refused", "1", ""},
      {nullptr, "unreachable", "0", ""},
  };
  int64_t port = 0;
  for (const Case& c : cases) {
    ++port;
    if (c.server) env.AddTcpServer("127.0.0.1", port, c.server);
    Declare("127.0.0.1", port);
  }
  auto rows = Rows();
  ASSERT_EQ(rows.size(), std::size(cases));
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["outcome"], cases[i].outcome) << i << " " << rows[i]["error"];
    EXPECT_EQ(rows[i]["reachable"], cases[i].reachable) << i;
    EXPECT_EQ(rows[i]["protocol"], cases[i].protocol) << i;
    EXPECT_EQ(rows[i].count("weakest_rank"), 0u) << i;
    EXPECT_EQ(rows[i].count("versions"), 0u) << i;
    EXPECT_NE(rows[i]["error"], "") << i;
  }
}

TEST_F(TlsEndpoints, ListenersAreFoundAndADeclaredOneIsNotAskedTwice) {
  env.AddFile("/proc/net/tcp", kHeader + Listener(443) + Listener(8443, true));
  env.AddTcpServer("127.0.0.1", 443, Serve(identity));
  env.AddTcpServer("127.0.0.1", 8443, Serve(identity));
  Declare("127.0.0.1", 443);
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["source"] + rows[0]["port"], "declared443");
  EXPECT_EQ(rows[1]["source"] + rows[1]["port"], "discovered8443");
  EXPECT_EQ(rows[1]["host"], "127.0.0.1");
  EXPECT_EQ(rows[1]["reach"], "any");
  EXPECT_EQ(rows[1].count("name_matches"), 0u);
  EXPECT_TRUE(incomplete.empty());
}

TEST_F(TlsEndpoints, ListenersThatCannotBeReadAreSaid) {
  env.AddError("/proc/net/tcp", absl::PermissionDeniedError("/proc/net/tcp: denied"));
  Rows();
  ASSERT_EQ(incomplete.size(), 1u);
  EXPECT_NE(incomplete[0].find("denied"), std::string::npos);
}

TEST_F(TlsEndpoints, WhereItMustNotConnectItDoesNot) {
  Declare("169.254.169.254", 80);
  Declare("meta.example.org", 80);
  Declare("absent.example.org", 443);
  Declare("127.0.0.1", 9);
  env.AddHost("meta.example.org", {"::ffff:169.254.169.254"});
  declared.probe_exclude = {"127.0.0.1:9"};
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 4u);
  const char* outcomes[] = {"forbidden", "forbidden", "not_resolved", "excluded"};
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["outcome"], outcomes[i]) << rows[i]["error"];
    EXPECT_EQ(rows[i].count("reachable"), 0u) << i;
    EXPECT_NE(rows[i]["error"], "") << i;
  }
  EXPECT_TRUE(env.connections().empty());
}

// A mail server that turns to TLS; without it, it answers `mail`.
FakeEnv::TcpServer Mail(const Identity& identity, const std::string& ehlo,
                        const std::string& mail) {
  const auto tls = Serve(identity);
  return [=](std::string_view sent) -> FakeEnv::TcpAnswer {
    constexpr std::string_view kAsk = "STARTTLS\r\n";
    const size_t at = sent.find(kAsk);
    if (at != std::string_view::npos && sent.size() > at + kAsk.size()) {
      return tls(sent.substr(at + kAsk.size()));
    }
    // It greets whoever comes, one who speaks TLS at once too.
    if (sent.empty() || sent[0] == '\x16') return {.bytes = "220 a ESMTP\r\n"};
    if (at != std::string_view::npos) return {.bytes = "220 go\r\n"};
    if (sent.ends_with("MAIL FROM:<>\r\n")) return {.bytes = mail};
    return {.bytes = ehlo};
  };
}

TEST_F(TlsEndpoints, StarttlsIsAskedForAndWhetherItIsRequired) {
  struct Case {
    const char* ehlo;
    const char* mail;
    const char* outcome;
    const char* answer;
    const char* plaintext;
  };
  const Case cases[] = {
      {"250-a\r\n250 STARTTLS\r\n", "530 Must issue a STARTTLS\r\n", "tls", "offered", "0"},
      {"250-a\r\n250 STARTTLS\r\n", "250 ok\r\n", "tls", "offered", "1"},
      {"250-a\r\n250 STARTTLS\r\n", "451 later\r\n", "tls", "offered", ""},
      {"250 a\r\n", "250 ok\r\n", "no_starttls", "not_offered", "1"},
  };
  int64_t port = 0;
  for (const Case& c : cases) {
    env.AddTcpServer("127.0.0.1", ++port, Mail(identity, c.ehlo, c.mail));
    Declare("127.0.0.1", port);
    declared.endpoints.back().starttls = "smtp";
  }
  auto rows = Rows();
  ASSERT_EQ(rows.size(), std::size(cases));
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["outcome"], cases[i].outcome) << i << rows[i]["error"];
    EXPECT_EQ(rows[i]["starttls_answer"], cases[i].answer) << i;
    EXPECT_EQ(rows[i]["plaintext_allowed"], cases[i].plaintext) << i << rows[i]["plaintext_answer"];
    EXPECT_EQ(rows[i]["starttls_injection"], "0") << i;
    EXPECT_EQ(rows[i]["starttls"], "smtp") << i;
  }
  EXPECT_EQ(rows[0]["versions"], "TLSv1.2 TLSv1.3");
  EXPECT_EQ(rows[0]["certificate_valid"], "1") << rows[0]["certificate_error"];
}

TEST_F(TlsEndpoints, AListenerIsKnownByItsGreetingOrSpeaksTlsAtOnce) {
  env.AddFile("/proc/net/tcp", kHeader + Listener(2525) + Listener(587));
  env.AddTcpServer("127.0.0.1", 2525,
                   Mail(identity, "250 STARTTLS\r\n", "530 Must issue a STARTTLS\r\n"));
  env.AddTcpServer("127.0.0.1", 587, Serve(identity));
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["starttls"], "smtp") << rows[0]["error"];
  EXPECT_EQ(rows[0]["versions"], "TLSv1.2 TLSv1.3") << rows[0]["error"];
  EXPECT_EQ(rows[0]["plaintext_allowed"], "0");
  EXPECT_EQ(rows[1]["outcome"], "tls") << rows[1]["error"];
  EXPECT_EQ(rows[1]["starttls_answer"], "at_once");
  EXPECT_EQ(rows[1]["plaintext_allowed"], "0");
}

TEST_F(TlsEndpoints, WhatHasNotChangedIsNotAskedAgain) {
  env.AddFile("/proc/net/tcp", kHeader + Listener(443));
  env.AddFile("/etc/ssl/own.pem", "x");
  env.AddTcpServer("127.0.0.1", 443, Serve(identity));
  Declare("127.0.0.1", 443);
  auto first = Rows();
  const size_t asked = env.connections().size();
  EXPECT_GT(asked, 5u);
  env.SetNow(kNow + 3600);
  auto second = Rows();
  EXPECT_EQ(env.connections().size(), asked);
  EXPECT_EQ(second[0]["versions"], first[0]["versions"]);
  EXPECT_EQ(second[0]["asked_at"], first[0]["asked_at"]);
  EXPECT_EQ(second[0]["not_after"], first[0]["not_after"]);
  env.AddFile("/etc/ssl/own.pem", "another");
  Rows();
  EXPECT_EQ(env.connections().size(), 2 * asked);
  env.SetNow(kNow + 3600 + 86400);  // the first question alone
  auto third = Rows();
  EXPECT_EQ(env.connections().size(), 2 * asked + 1);
  EXPECT_EQ(third[0]["versions"], first[0]["versions"]);
  const Identity renewed;
  env.AddTcpServer("127.0.0.1", 443, Serve(renewed));
  env.SetNow(kNow + 3600 + 2 * 86400);  // it answers otherwise: all of them
  Rows();
  EXPECT_EQ(env.connections().size(), 3 * asked + 2);
}

TEST_F(TlsEndpoints, AConstraintNeverCausesAConnection) {
  env.AddTcpServer("127.0.0.1", 443, Serve(identity));
  env.AddTcpServer("127.0.0.1", 444, Serve(identity));
  Declare("127.0.0.1", 443);
  SqlOptions options;
  options.declared = declared;
  const auto engine = SqlEngine::Create({tls_endpoints_table()}, env, options);
  ASSERT_TRUE(engine.ok());
  ASSERT_TRUE(
      (*engine)->Run("SELECT * FROM tls_endpoints WHERE host='127.0.0.1' AND port=444", {}).ok());
  for (const std::string& connection : env.connections()) EXPECT_EQ(connection, "127.0.0.1:443");
}

TEST_F(TlsEndpoints, WhoReadsVersionsAloneCausesNoOtherQuestion) {
  env.AddTcpServer("127.0.0.1", 443, Serve(identity));
  Declare("127.0.0.1", 443);
  SqlOptions options;
  options.declared = declared;
  auto engine = SqlEngine::Create({tls_endpoints_table()}, env, options);
  ASSERT_TRUE(engine.ok());
  const std::string versions =
      "SELECT versions || ' ' || weakest_rank || ' ' || default_host_rank FROM tls_endpoints";
  auto result = (*engine)->Run(versions, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(ValueText(result->rows[0][0]), "TLSv1.2 TLSv1.3 12 12");
  EXPECT_EQ(env.connections().size(), 7u);
  result = (*engine)->Run("SELECT weak_ciphers, certificate_valid, dhe FROM tls_endpoints", {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(ValueText(result->rows[0][0]), "");
  EXPECT_EQ(ValueText(result->rows[0][1]), "1");
  EXPECT_EQ(ValueText(result->rows[0][2]), "0");
  const size_t asked = env.connections().size();
  EXPECT_GT(asked, 14u);
  engine = SqlEngine::Create({tls_endpoints_table()}, env, options);  // the next evaluation
  EXPECT_TRUE((*engine)->Run(versions, {}).ok());
  EXPECT_EQ(env.connections().size(), asked);  // who knows everything knows the versions
}

TEST_F(TlsEndpoints, HowAServerSaysNoIsLearntWithinSevenConnections) {
  for (const TcpEnd end : {TcpEnd::kClosed, TcpEnd::kReset}) {
    env.AddTcpServer("127.0.0.1", 443, [end, server = Serve(identity)](std::string_view sent) {
      return AskedFor(sent) == 3 ? server(sent) : FakeEnv::TcpAnswer{.bytes = "", .end = end};
    });
    declared.endpoints.clear();
    Declare("127.0.0.1", 443);
    SqlOptions options;
    options.declared = declared;
    const auto engine = SqlEngine::Create({tls_endpoints_table()}, env, options);
    ASSERT_TRUE(engine.ok());
    env.memory().Replace({});
    const size_t before = env.connections().size();
    const auto result = (*engine)->Run("SELECT versions, weakest_rank FROM tls_endpoints", {});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(ValueText(result->rows[0][0]), "TLSv1.2 TLSv1.3");
    EXPECT_EQ(IsNull(result->rows[0][1]), end == TcpEnd::kReset);  // a reset is no no
    EXPECT_LE(env.connections().size() - before, 7u);
  }
}

// It closes the first connection of each version below TLSv1.2, and accepts what comes after.
TEST_F(TlsEndpoints, WhatIsClosedOnceIsNotTakenForRefused) {
  for (const int old : {1, 2}) {
    auto seen = std::make_shared<std::map<int, int>>();
    env.AddTcpServer("127.0.0.1", 1000 + old,
                     [seen, old, server = Strict(identity, old)](std::string_view sent) {
                       const int asked = AskedFor(sent);
                       const bool closes = asked == old && (*seen)[asked]++ == 0;
                       return closes ? FakeEnv::TcpAnswer{.bytes = "", .end = TcpEnd::kClosed}
                                     : server(sent);
                     });
    Declare("127.0.0.1", 1000 + old);
  }
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["versions"], "TLSv1.0 TLSv1.2 TLSv1.3") << rows[0]["error"];
  EXPECT_EQ(rows[1]["versions"], "TLSv1.1 TLSv1.2 TLSv1.3") << rows[1]["error"];
}

TEST_F(TlsEndpoints, InADeadTreeNoSocketIsOpened) {
  env.SetMode(RootMode::kDeadTree);
  env.AddFile("/proc/net/tcp", kHeader + Listener(8443));
  Declare("127.0.0.1", 443);
  auto rows = Rows();
  ASSERT_EQ(rows.size(), 2u);
  for (auto& row : rows) {
    EXPECT_EQ(row["outcome"], "not_asked");
    EXPECT_EQ(row.count("reachable"), 0u);
    EXPECT_NE(row["error"].find("dead tree"), std::string::npos) << row["error"];
  }
  EXPECT_TRUE(env.connections().empty());
}

}  // namespace
}  // namespace tom
