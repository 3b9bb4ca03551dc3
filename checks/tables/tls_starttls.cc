#include "checks/tables/tls_starttls.h"

#include "absl/strings/str_cat.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Kind = TlsAnswer::Kind;

constexpr size_t kFirstBytes = 200;

class StarttlsDialogue : public TlsDialogue {
 public:
  StarttlsDialogue(std::unique_ptr<StarttlsTalk> talk, std::unique_ptr<TlsDialogue> inner)
      : talk_(std::move(talk)), inner_(std::move(inner)) {}

  std::string Open() override { return talk_->Open(); }

  TcpReaction Receive(std::string_view bytes) override {
    if (end_ == StarttlsEnd::kGo && inner_ != nullptr) return inner_->Receive(bytes);
    if (first_.size() < kFirstBytes) first_.append(bytes.substr(0, kFirstBytes - first_.size()));
    StarttlsStep step = talk_->Receive(bytes);
    end_ = step.end;
    if (end_ == StarttlsEnd::kGo && inner_ != nullptr) {
      return {.send = step.send + inner_->Open(), .enough = false};
    }
    return {.send = std::move(step.send), .enough = end_ != StarttlsEnd::kGoing};
  }

  TlsAnswer Answer(const TcpResult& result) const override {
    if (end_ == StarttlsEnd::kGo && inner_ != nullptr) {
      TlsAnswer answer = inner_->Answer(result);
      // What comes behind the go-ahead and is no TLS was put there, whenever it arrived.
      answer.injected = talk_->injected() || answer.kind == Kind::kNotTls;
      return answer;
    }
    TlsAnswer answer = AnswerOfEnd(result);
    answer.before_tls = true;
    answer.first = first_;
    answer.plaintext = talk_->plaintext();
    if (end_ != StarttlsEnd::kGoing) {
      answer.kind = Kind::kTalk;
      answer.talk = end_;
      answer.text = talk_->text();
    } else if (result.end != TcpEnd::kForbidden && result.end != TcpEnd::kNotListening) {
      answer.text = absl::StrCat(ToAbsl(answer.text), ", before TLS was asked for");
    }
    return answer;
  }

 private:
  std::unique_ptr<StarttlsTalk> talk_;
  std::unique_ptr<TlsDialogue> inner_;
  StarttlsEnd end_ = StarttlsEnd::kGoing;
  std::string first_;
};

}  // namespace

std::unique_ptr<TlsDialogue> MakeStarttlsDialogue(std::unique_ptr<StarttlsTalk> talk,
                                                  std::unique_ptr<TlsDialogue> inner) {
  return std::make_unique<StarttlsDialogue>(std::move(talk), std::move(inner));
}

}  // namespace tom
