// What a server does with libpam, and nothing else: the judge of our own reading of PAM's stacks.
//
//   tom-pam-client SERVICE USER [--answer TEXT=ANSWER]... [--one ANSWER] [--disallow-null]
//                  [--rhost HOST] [--tty TTY]
//
// --answer: the reply to prompts that hold TEXT; the first that fits. --one: the reply to every
// hidden prompt, and an error to every other, as sshd's method "password" does. Prints the codes of
// pam_authenticate and, where that lets in, of pam_acct_mgmt, one a line.
#include <security/pam_appl.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Answers {
  std::vector<std::pair<std::string, std::string>> by_prompt;
  bool one = false;
  std::string only;
};

const std::string* Find(const Answers& answers, const pam_message& message) {
  static const std::string kNone;
  if (message.msg_style == PAM_TEXT_INFO || message.msg_style == PAM_ERROR_MSG) return &kNone;
  if (answers.one) return message.msg_style == PAM_PROMPT_ECHO_OFF ? &answers.only : nullptr;
  for (const auto& [text, answer] : answers.by_prompt) {
    if (std::strstr(message.msg, text.c_str()) != nullptr) return &answer;
  }
  return &kNone;
}

int Converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  const auto& answers = *static_cast<const Answers*>(data);
  auto* replies =
      static_cast<pam_response*>(calloc(static_cast<size_t>(count), sizeof **responses));
  for (int i = 0; i < count; ++i) {
    const std::string* answer = Find(answers, *messages[i]);
    if (answer == nullptr) {
      free(replies);
      return PAM_CONV_ERR;
    }
    replies[i].resp = strdup(answer->c_str());
  }
  *responses = replies;
  return PAM_SUCCESS;
}

// A wrong answer costs no time here.
void NoDelay(int, unsigned, void*) {}

}  // namespace

int main(int argc, char** argv) {
  Answers answers;
  std::string rhost;
  std::string tty;
  int flags = 0;
  if (argc < 3) return 64;
  for (int i = 3; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--disallow-null") {
      flags |= PAM_DISALLOW_NULL_AUTHTOK;
      continue;
    }
    if (++i == argc) return 64;
    const std::string value = argv[i];
    if (name == "--answer") {
      const size_t equals = value.find('=');
      if (equals == std::string::npos) return 64;
      answers.by_prompt.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    } else if (name == "--one") {
      answers.one = true;
      answers.only = value;
    } else if (name == "--rhost") {
      rhost = value;
    } else if (name == "--tty") {
      tty = value;
    } else {
      return 64;
    }
  }
  const pam_conv conversation = {Converse, &answers};
  pam_handle_t* handle = nullptr;
  if (const int code = pam_start(argv[1], argv[2], &conversation, &handle); code != PAM_SUCCESS) {
    std::printf("%d\n", code);
    return 0;
  }
  pam_set_item(handle, PAM_FAIL_DELAY, reinterpret_cast<const void*>(&NoDelay));
  if (!rhost.empty()) pam_set_item(handle, PAM_RHOST, rhost.c_str());
  if (!tty.empty()) pam_set_item(handle, PAM_TTY, tty.c_str());
  int code = pam_authenticate(handle, flags);
  std::printf("%d\n", code);
  if (code == PAM_SUCCESS) {
    code = pam_acct_mgmt(handle, flags);
    std::printf("%d\n", code);
  }
  pam_end(handle, code);
  return 0;
}
