#include "checks/parse/starttls.h"

#include <gtest/gtest.h>

#include <vector>

namespace tom {
namespace {

using End = StarttlsEnd;
using Protocol = StarttlsProtocol;

struct Heard {
  End end = End::kGoing;
  std::string sent;  // all of it, what the client says first too
  std::string text;
  bool injected = false;
  std::optional<bool> plaintext;
};

// Each piece is what the server says to what was sent last.
Heard Talk(Protocol protocol, StarttlsGoal goal, const std::vector<std::string>& pieces) {
  const auto talk = MakeStarttlsTalk({.protocol = protocol, .goal = goal, .name = "a.example.org"});
  Heard heard;
  heard.sent = talk->Open();
  for (const std::string& piece : pieces) {
    if (heard.end != End::kGoing) break;
    const StarttlsStep step = talk->Receive(piece);
    heard.sent += step.send;
    heard.end = step.end;
  }
  heard.text = talk->text();
  heard.injected = talk->injected();
  heard.plaintext = talk->plaintext();
  return heard;
}

std::string Bytes(std::string_view text) { return std::string(text); }

const std::string kFeatures =
    "<?xml version='1.0'?><stream:stream id='a>b' version='1.0'><stream:features>";
const std::string kTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>";

struct Case {
  const char* what;
  Protocol protocol;
  std::vector<std::string> pieces;
  End end;
  const char* text = "";
};

void Check(const Case& c) {
  const Heard heard = Talk(c.protocol, StarttlsGoal::kTls, c.pieces);
  EXPECT_EQ(static_cast<int>(heard.end), static_cast<int>(c.end)) << c.what << ": " << heard.text;
  EXPECT_NE(heard.text.find(c.text), std::string::npos) << c.what << ": " << heard.text;
  // The same, a byte at a time.
  if (c.pieces.empty()) return;
  const auto talk = MakeStarttlsTalk({.protocol = c.protocol, .name = "a.example.org"});
  talk->Open();
  End end = End::kGoing;
  for (const std::string& piece : c.pieces) {
    for (size_t i = 0; i < piece.size() && end == End::kGoing; ++i) {
      end = talk->Receive(piece.substr(i, 1)).end;
    }
  }
  const bool too_soon = heard.injected || heard.text == "answered before it was asked";
  if (!too_soon) {  // in pieces nobody can tell
    EXPECT_EQ(static_cast<int>(end), static_cast<int>(c.end)) << c.what << ", byte by byte";
  }
}

TEST(Starttls, MailAndFilesTurnToTlsOrSayWhyNot) {
  const Case cases[] = {
      {"smtp", Protocol::kSmtp, {"220 a\r\n", "250-a\r\n250 STARTTLS\r\n", "220 go\r\n"}, End::kGo},
      {"smtp, small letters",
       Protocol::kSmtp,
       {"220-a\r\n220 b\n", "250-a\n250 starttls\n", "220\r\n"},
       End::kGo},
      {"smtp, in the greeting alone",
       Protocol::kSmtp,
       {"220 STARTTLS\r\n", "250 a\r\n"},
       End::kNotOffered},
      {"smtp, part of a word",
       Protocol::kSmtp,
       {"220 a\r\n", "250 XSTARTTLS\r\n"},
       End::kNotOffered},
      {"smtp, of another",
       Protocol::kSmtp,
       {"220 a\r\n", "250 AUTH STARTTLS\r\n"},
       End::kNotOffered},
      {"smtp, 454",
       Protocol::kSmtp,
       {"220 a\r\n", "250 STARTTLS\r\n", "454 no\r\n"},
       End::kRefused,
       "454"},
      {"smtp, no EHLO", Protocol::kSmtp, {"220 a\r\n", "502 what\r\n"}, End::kNotOffered, "502"},
      {"smtp, turned away", Protocol::kSmtp, {"421 full\r\n"}, End::kTurnedAway, "421"},
      {"smtp, codes that differ",
       Protocol::kSmtp,
       {"220 a\r\n", "250-a\r\n251 b\r\n"},
       End::kGarbled},
      {"not smtp", Protocol::kSmtp, {"SSH-2.0-x\r\n"}, End::kOther},
      {"smtp ahead of us",
       Protocol::kSmtp,
       {"220 a\r\n250 STARTTLS\r\n"},
       End::kGarbled,
       "before it was asked"},
      {"ftp", Protocol::kFtp, {"220-a\r\n 220 b\r\nwhat\r\n220 c\r\n", "234 go\r\n"}, End::kGo},
      {"ftp, soon", Protocol::kFtp, {"120 soon\r\n", "220 a\r\n", "234 go\r\n"}, End::kGo},
      {"ftp, not known", Protocol::kFtp, {"220 a\r\n", "500 what\r\n"}, End::kNotOffered},
      {"ftp, refused", Protocol::kFtp, {"220 a\r\n", "431 no\r\n"}, End::kRefused},
  };
  for (const Case& c : cases) Check(c);
}

TEST(Starttls, MailboxesTurnToTlsOrSayWhyNot) {
  const Case cases[] = {
      {"imap",
       Protocol::kImap,
       {"* OK a\r\n", "* CAPABILITY IMAP4 STARTTLS\r\na1 OK\r\n", "a2 OK\r\n"},
       End::kGo},
      {"imap, in the greeting alone",
       Protocol::kImap,
       {"* OK [CAPABILITY STARTTLS]\r\n", "* CAPABILITY IMAP4\r\na1 OK\r\n"},
       End::kNotOffered},
      {"imap, PREAUTH", Protocol::kImap, {"* PREAUTH a\r\n"}, End::kPreauth, "PREAUTH"},
      {"imap, BYE", Protocol::kImap, {"* BYE full\r\n"}, End::kTurnedAway},
      {"imap, NO",
       Protocol::kImap,
       {"* OK\r\n", "* CAPABILITY STARTTLS\r\na1 OK\r\n", "a2 NO\r\n"},
       End::kRefused},
      {"imap, of another's tag", Protocol::kImap, {"* OK\r\n", "b7 OK\r\n"}, End::kGarbled},
      {"pop3", Protocol::kPop3, {"+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "+OK\r\n"}, End::kGo},
      {"pop3, stripped", Protocol::kPop3, {"+OK\r\n", "+OK\r\nUSER\r\n.\r\n"}, End::kNotOffered},
      {"pop3, no CAPA", Protocol::kPop3, {"+OK\r\n", "-ERR\r\n"}, End::kNotOffered},
      {"pop3, -ERR",
       Protocol::kPop3,
       {"+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "-ERR no\r\n"},
       End::kRefused},
      {"a line without end",
       Protocol::kSmtp,
       {"220 " + std::string(9000, 'x')},
       End::kGarbled,
       "8 KiB"},
  };
  for (const Case& c : cases) Check(c);
}

TEST(Starttls, DirectoriesAndDatabasesTurnToTlsOrSayWhyNot) {
  const std::string oid = "1.3.6.1.4.1.1466.20037";
  const auto ldap = [](char code) {
    return Bytes({"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01", 9}) + code +
           Bytes({"\x04\x00\x04\x00", 4});
  };
  const std::string active_directory = Bytes({"\x30\x84\x00\x00\x00\x28\x02\x01\x01\x78\x84\x00\x00"
                                              "\x00\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x16",
                                              24}) +
                                       oid;
  std::string greeting = Bytes({"\x0a"
                                "8.0\0\1\0\0\0"
                                "8bytes!!\0",
                                18}) +
                         "\xff\xff" + std::string(20, '\0');
  greeting = std::string(1, static_cast<char>(greeting.size())) + Bytes({"\0\0\0", 3}) + greeting;
  std::string without = greeting;
  without[4 + 19] = '\xf7';
  const Case cases[] = {
      {"ldap", Protocol::kLdap, {ldap(0)}, End::kGo},
      {"ldap in the long form", Protocol::kLdap, {active_directory}, End::kGo},
      {"ldap, not known", Protocol::kLdap, {ldap(2)}, End::kNotOffered, "result 2"},
      {"ldap, a referral", Protocol::kLdap, {ldap(10)}, End::kRefused, "result 10"},
      {"ldap, 4 GiB", Protocol::kLdap, {"\x30\x84\xff\xff\xff\xff"}, End::kOther},
      {"ldap, without a length", Protocol::kLdap, {"\x30\x80\x02"}, End::kOther},
      {"ldap, goodbye",
       Protocol::kLdap,
       {Bytes({"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00", 14})},
       End::kTurnedAway},
      {"postgres", Protocol::kPostgres, {"S"}, End::kGo},
      {"postgres, N", Protocol::kPostgres, {"N"}, End::kNotOffered},
      {"postgres, E",
       Protocol::kPostgres,
       {Bytes({"E\0\0\0\x0e"
               "C08P01\0"
               "x\0\0",
               15})},
       End::kRefused,
       "08P01"},
      {"postgres, full",
       Protocol::kPostgres,
       {Bytes({"E\0\0\0\x0c"
               "C53300\0\0",
               13})},
       End::kTurnedAway},
      {"not postgres", Protocol::kPostgres, {"HTTP/1.1 400"}, End::kOther},
      {"mysql", Protocol::kMysql, {greeting}, End::kGo},
      {"mysql without TLS", Protocol::kMysql, {without}, End::kNotOffered, "CLIENT_SSL"},
      {"mysql, full",
       Protocol::kMysql,
       {Bytes({"\x0b\0\0\0\xff\x10\x04Too many", 15})},
       End::kTurnedAway,
       "1040"},
      {"mysql, huge", Protocol::kMysql, {Bytes({"\xff\xff\xff\0", 4})}, End::kOther},
  };
  for (const Case& c : cases) Check(c);
}

TEST(Starttls, XmppTurnsToTlsOrSaysWhyNot) {
  const Case cases[] = {
      {"xmpp",
       Protocol::kXmpp,
       {kFeatures + kTls + "<required/></starttls></stream:features>", "<proceed/>"},
       End::kGo},
      {"xmpp, of no namespace",
       Protocol::kXmpp,
       {kFeatures + "<starttls/></stream:features>"},
       End::kNotOffered},
      {"xmpp, nothing", Protocol::kXmpp, {"<stream:stream><stream:features/>"}, End::kNotOffered},
      {"xmpp, failure",
       Protocol::kXmpp,
       {kFeatures + kTls + "</starttls></stream:features>", "<failure/>"},
       End::kRefused},
      {"xmpp, an error",
       Protocol::kXmpp,
       {"<stream:stream><stream:error><host-unknown/></stream:error>"},
       End::kTurnedAway,
       "host-unknown"},
      {"xmpp, a document type", Protocol::kXmpp, {"<!DOCTYPE x>"}, End::kOther},
      {"xmpp, offered inside another",
       Protocol::kXmpp,
       {kFeatures + "<x>" + kTls + "</starttls></x></stream:features>"},
       End::kNotOffered},
  };
  for (const Case& c : cases) Check(c);
}

TEST(Starttls, WhatStandsBehindTheGoAheadIsInjected) {
  const std::vector<std::pair<Protocol, std::vector<std::string>>> cases = {
      {Protocol::kSmtp, {"220 a\r\n", "250 STARTTLS\r\n", "220 go\r\n250 injected\r\n"}},
      {Protocol::kImap, {"* OK\r\n", "* CAPABILITY STARTTLS\r\na1 OK\r\n", "a2 OK\r\n* x"}},
      {Protocol::kPop3, {"+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "+OK\r\n+"}},
      {Protocol::kFtp, {"220 a\r\n", "234 go\r\n331\r\n"}},
      {Protocol::kPostgres, {"SSSSS"}},
      {Protocol::kXmpp, {kFeatures + kTls + "</starttls></stream:features>", "<proceed/><x/>"}},
      {Protocol::kLdap,
       {Bytes({"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00\x30", 15})}},
  };
  for (const auto& [protocol, pieces] : cases) {
    const Heard heard = Talk(protocol, StarttlsGoal::kTls, pieces);
    EXPECT_EQ(static_cast<int>(heard.end), static_cast<int>(End::kGo)) << StarttlsName(protocol);
    EXPECT_TRUE(heard.injected) << StarttlsName(protocol);
  }
}

struct Plain {
  const char* what;
  Protocol protocol;
  std::vector<std::string> pieces;
  std::optional<bool> allowed;
};

void CheckPlain(const Plain& c) {
  const Heard heard = Talk(c.protocol, StarttlsGoal::kPlaintext, c.pieces);
  EXPECT_EQ(static_cast<int>(heard.end), static_cast<int>(End::kDone)) << c.what;
  EXPECT_EQ(heard.plaintext, c.allowed) << c.what << ": " << heard.text;
}

TEST(Starttls, WhetherMailAndFilesGoOnWithoutTls) {
  const std::string hello = "250-a\r\n250 STARTTLS\r\n";
  const Plain cases[] = {
      {"smtp insists",
       Protocol::kSmtp,
       {"220 a\r\n", hello, "530 5.7.0 Must issue a STARTTLS first\r\n"},
       false},
      {"smtp takes mail", Protocol::kSmtp, {"220 a\r\n", hello, "250 ok\r\n"}, true},
      {"smtp wants a login",
       Protocol::kSmtp,
       {"220 a\r\n", hello, "530 Authentication required\r\n"},
       std::nullopt},
      {"smtp takes passwords",
       Protocol::kSmtp,
       {"220 a\r\n", "250 AUTH PLAIN\r\n", "530 STARTTLS first\r\n"},
       true},
      {"ftp insists",
       Protocol::kFtp,
       {"220 a\r\n", "530 Non-anonymous sessions must use encryption.\r\n"},
       false},
      {"ftp asks for a password", Protocol::kFtp, {"220 a\r\n", "331 Password\r\n"}, true},
      {"ftp does not like the name",
       Protocol::kFtp,
       {"220 a\r\n", "530 Permission denied.\r\n"},
       std::nullopt},
      {"imap insists",
       Protocol::kImap,
       {"* OK\r\n", "* CAPABILITY LOGINDISABLED\r\na1 OK\r\n"},
       false},
      {"imap allows", Protocol::kImap, {"* OK\r\n", "* CAPABILITY IMAP4\r\na1 OK\r\n"}, true},
      {"imap allows a mechanism",
       Protocol::kImap,
       {"* OK\r\n", "* CAPABILITY LOGINDISABLED AUTH=PLAIN\r\na1 OK\r\n"},
       true},
      {"imap does not list", Protocol::kImap, {"* OK\r\n", "a1 BAD\r\n"}, std::nullopt},
      {"imap is logged in", Protocol::kImap, {"* PREAUTH\r\n"}, true},
      {"pop3 insists",
       Protocol::kPop3,
       {"+OK\r\n", "+OK\r\nSTLS\r\n.\r\n", "-ERR TLS first\r\n"},
       false},
      {"pop3 lists USER", Protocol::kPop3, {"+OK\r\n", "+OK\r\nUSER\r\n.\r\n"}, true},
      {"pop3 takes a name", Protocol::kPop3, {"+OK\r\n", "-ERR\r\n", "+OK\r\n"}, true},
      {"pop3 does not list", Protocol::kPop3, {"+OK\r\n", "-ERR\r\n", "-ERR\r\n"}, std::nullopt},
  };
  for (const Plain& c : cases) CheckPlain(c);
}

TEST(Starttls, WhetherDirectoriesAndDatabasesGoOnWithoutTls) {
  const auto ldap = [](char code) {
    return Bytes({"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01", 9}) + code +
           Bytes({"\x04\x00\x04\x00", 4});
  };
  const Plain cases[] = {
      {"ldap insists", Protocol::kLdap, {ldap(13)}, false},
      {"ldap wants a signature", Protocol::kLdap, {ldap(8)}, false},
      {"ldap allows", Protocol::kLdap, {ldap(0)}, true},
      {"ldap is busy", Protocol::kLdap, {ldap(51)}, std::nullopt},
      {"postgres asks for a password",
       Protocol::kPostgres,
       {Bytes({"R\0\0\0\x08\0\0\0\x05", 9})},
       true},
      {"postgres lets nobody in",
       Protocol::kPostgres,
       {Bytes({"E\0\0\0\x26"
               "C28000\0Mno\0RClientAuthentication\0\0",
               39})},
       false},
      {"postgres is full",
       Protocol::kPostgres,
       {Bytes({"E\0\0\0\x0c"
               "C53300\0\0",
               13})},
       std::nullopt},
      {"postgres knows no such account",
       Protocol::kPostgres,
       {Bytes({"E\0\0\0\x27"
               "C28000\0RInitializeSessionUserId\0Mno\0\0",
               40})},
       true},
      {"xmpp insists",
       Protocol::kXmpp,
       {kFeatures + kTls + "<required/></starttls></stream:features>"},
       false},
      {"xmpp offers", Protocol::kXmpp, {kFeatures + kTls + "</starttls></stream:features>"}, true},
      {"xmpp says required and does not mean it",
       Protocol::kXmpp,
       {kFeatures + kTls +
        "<required/></starttls><mechanisms><mechanism>PLAIN</mechanism></mechanisms></"
        "stream:features>"},
       true},
  };
  for (const Plain& c : cases) CheckPlain(c);
}

TEST(Starttls, RepliesWithoutEndEnd) {
  const auto talk = MakeStarttlsTalk({.protocol = Protocol::kSmtp});
  talk->Receive("220 a\r\n");
  End end = End::kGoing;
  int lines = 0;
  for (; end == End::kGoing && lines < 10000; ++lines) end = talk->Receive("250-more\r\n").end;
  EXPECT_EQ(static_cast<int>(end), static_cast<int>(End::kGarbled));
  EXPECT_LE(lines, 201);
}

TEST(Starttls, NamesPortsAndGreetings) {
  for (const char* name : {"smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql", "xmpp"}) {
    const auto protocol = StarttlsProtocolOf(name);
    ASSERT_TRUE(protocol.has_value()) << name;
    EXPECT_EQ(StarttlsName(*protocol), name);
  }
  EXPECT_FALSE(StarttlsProtocolOf("none").has_value());
  EXPECT_EQ(StarttlsProtocolOfPort(587), Protocol::kSmtp);
  EXPECT_EQ(StarttlsProtocolOfPort(5269), Protocol::kXmpp);
  EXPECT_FALSE(StarttlsProtocolOfPort(443).has_value());
  EXPECT_EQ(StarttlsProtocolOfGreeting("220 (vsFTPd 3.0.3)\r\n"), Protocol::kFtp);
  EXPECT_EQ(StarttlsProtocolOfGreeting("220 mx ESMTP FTPmail\r\n"), Protocol::kSmtp);
  EXPECT_EQ(StarttlsProtocolOfGreeting("+OK ready"), Protocol::kPop3);
  EXPECT_FALSE(StarttlsProtocolOfGreeting("SSH-2.0-x").has_value());
  EXPECT_FALSE(StarttlsProtocolOfGreeting("").has_value());
}

TEST(Starttls, WhatAServerSaidIsPrintable) {
  const Heard heard = Talk(Protocol::kSmtp, StarttlsGoal::kTls,
                           {"421 \x1b[31mred" + std::string(500, 'x') + "\r\n"});
  EXPECT_EQ(heard.text.find('\x1b'), std::string::npos);
  EXPECT_LE(heard.text.size(), 200u);
}

}  // namespace
}  // namespace tom
