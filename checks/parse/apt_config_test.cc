#include "checks/parse/apt_config.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace tom {
namespace {

namespace fs = std::filesystem;

// What apt itself makes of the files, one after the other.
std::string AptDump(const std::vector<std::string>& files) {
  std::string name = testing::TempDir() + "apt_config_XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return "";
  const fs::path folder = name;
  fs::create_directories(folder / "parts");
  for (size_t i = 0; i < files.size(); ++i) {
    std::ofstream(folder / "parts" / (std::to_string(i) + "x")) << files[i];
  }
  std::ofstream(folder / "conf") << "Dir::Etc::parts \"" << name << "/parts\";\n"
                                 << "Dir::Etc::main \"/dev/null\";\n";
  const std::string command = "APT_CONFIG=" + name + "/conf apt-config dump 2>/dev/null";
  std::string text;
  if (FILE* pipe = popen(command.c_str(), "r"); pipe != nullptr) {
    std::array<char, 4096> chunk;
    while (const size_t got = fread(chunk.data(), 1, chunk.size(), pipe))
      text.append(chunk.data(), got);
    pclose(pipe);
  }
  fs::remove_all(folder);
  return text;
}

std::vector<std::string> Sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

// The direct members of `name` in a dump, without the nameless empty ones.
std::vector<std::string> DumpedList(const std::string& dump, const std::string& name) {
  std::vector<std::string> list;
  for (size_t at = 0; (at = dump.find(name + "::", at)) != std::string::npos; ++at) {
    if (at > 0 && dump[at - 1] != '\n') continue;
    const size_t end = dump.find('\n', at);
    const std::string line = dump.substr(at, end - at);
    const size_t quote = line.find(" \"");
    if (line.substr(0, quote).find("::", name.size() + 2) != std::string::npos) continue;
    const std::string value = line.substr(quote + 2, line.size() - quote - 4);
    if (!value.empty()) list.push_back(value);
  }
  return Sorted(list);
}

std::string DumpedValue(const std::string& dump, const std::string& name) {
  const size_t at = ("\n" + dump).find("\n" + name + " \"");
  if (at == std::string::npos) return "";
  const size_t start = at + name.size() + 2;
  return dump.substr(start, dump.find("\";\n", start) - start);
}

TEST(AptConfig, SaysWhatAptSays) {
  const std::vector<std::vector<std::string>> cases = {
      {"T::P::Unattended-Upgrade \"1\";\n"},
      {"T::P { A \"1\"; B \"2\"; };\n// T::P::A \"3\";\n/* T::P::A\n \"4\"; */\n"},
      {"T::P::A \"1\";\n", "T::P::A \"0\";\n"},
      {"t::p::a \"1\";\n"},
      {"T::P { \"x\"; \"y\"; };\n", "T::P:: \"z\";\n"},
      {"T::P { \"x\"; \"y\"; };\n", "#clear T::P;\n", "T::P:: \"z\";\n"},
      {"T::P { \"x\"; };\n#clear T::P;\n"},
      {"# T::P::A \"1\";\n#T::P::A \"1\";\nT::P::A \"2\"; # three\n"},
      {"T { P { A 5; L { bare; One \"1\"; Two { Three \"3\"; }; }; }; };\n"},
      {"T::P \"a;b//c#d\";\n"},
      {"T{P{A \"1\";};};"},
      {"T::P::A\n\t\"1\"\n;\n"},
      {"T::P { A \"1\" };\n"},
      {"T::P::A \"\";\nT::P::B \"1\";\n"},
      {"T::P { Origins { \"origin=${distro_id},label=X\"; }; };\n"},
      {"T::P::A \"1\";\r\nT::P::B \"2\";\r\n"},
  };
  for (const auto& files : cases) {
    const std::string dump = AptDump(files);
    ASSERT_FALSE(dump.empty());
    AptConfig config;
    for (const std::string& file : files) EXPECT_TRUE(config.Read(file).ok()) << file;
    for (const char* name : {"T::P", "T::P::A", "T::P::B", "T::P::Unattended-Upgrade"}) {
      std::string lower = name;
      std::string dumped = DumpedValue(dump, name);
      if (dumped.empty() && dump.find("\nt::p") != std::string::npos) {
        for (char& c : lower) c = static_cast<char>(std::tolower(c));
        dumped = DumpedValue(dump, lower);
      }
      EXPECT_EQ(config.Value(name), dumped) << files[0] << name;
    }
    for (const char* name : {"T::P", "T::P::L", "T::P::Origins"}) {
      if (dump.find("\nt::p") != std::string::npos) continue;
      EXPECT_EQ(Sorted(config.List(name)), DumpedList(dump, name)) << files[0] << name;
    }
  }
}

TEST(AptConfig, WhatItDoesNotFollowIsAnError) {
  const char* cases[] = {
      "A::B \"1\"", "A { B \"1\";", "}",     "A \"x\n\";", "/* no end",     "#include \"/etc/x\"\n",
      "#clear A\n", "\"alone\";",   "name;", "A\"1\";",    "A \"1\" \"2\";"};
  for (const char* text : cases) {
    AptConfig config;
    const absl::Status status = config.Read(text);
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_EQ(std::string(status.message()).substr(0, 5), "line ") << text;
  }
  std::string deep;
  for (int i = 0; i < 40; ++i) deep.append("a{");
  AptConfig config;
  EXPECT_FALSE(config.Read(deep).ok());
  EXPECT_EQ(config.Value("a", "otherwise"), "otherwise");
}

}  // namespace
}  // namespace tom
