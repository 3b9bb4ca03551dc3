#include <dlfcn.h>
#include <mysql.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "checks/env/database.h"
#include "checks/env/shared_function.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Clock = std::chrono::steady_clock;

// Ways to prove a password that do not send it.
constexpr char kMethods[] = "mysql_native_password,client_ed25519,caching_sha2_password";

// libmariadb's functions, by name.
struct Library {
  decltype(&mysql_init) init = nullptr;
  decltype(&mysql_optionsv) options = nullptr;
  decltype(&mysql_real_connect) connect = nullptr;
  decltype(&mysql_close) close = nullptr;
  decltype(&mysql_error) error = nullptr;
  decltype(&mysql_errno) error_number = nullptr;
  decltype(&mysql_real_query) query = nullptr;
  decltype(&mysql_use_result) use = nullptr;
  decltype(&mysql_fetch_row) fetch = nullptr;
  decltype(&mysql_fetch_lengths) lengths = nullptr;
  decltype(&mysql_num_fields) fields = nullptr;
  decltype(&mysql_free_result) free = nullptr;
};

const Library* Load() {
  static Library my;
  void* so = dlopen("libmariadb.so.3", RTLD_NOW | RTLD_LOCAL);
  if (so == nullptr) return nullptr;
  const bool whole =
      FindFunction(so, "mysql_init", my.init) && FindFunction(so, "mysql_optionsv", my.options) &&
      FindFunction(so, "mysql_real_connect", my.connect) &&
      FindFunction(so, "mysql_close", my.close) && FindFunction(so, "mysql_error", my.error) &&
      FindFunction(so, "mysql_errno", my.error_number) &&
      FindFunction(so, "mysql_real_query", my.query) &&
      FindFunction(so, "mysql_use_result", my.use) &&
      FindFunction(so, "mysql_fetch_row", my.fetch) &&
      FindFunction(so, "mysql_fetch_lengths", my.lengths) &&
      FindFunction(so, "mysql_num_fields", my.fields) &&
      FindFunction(so, "mysql_free_result", my.free);
  return whole ? &my : nullptr;
}

class Session {
 public:
  Session(const Library& my, const DatabaseRequest& request)
      : my_(my),
        request_(request),
        end_(Clock::now() + std::chrono::milliseconds(request.deadline_ms)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (open_) my_.close(handle_);
  }

  absl::Status Connect(const std::string& password) {
    handle_ = my_.init(nullptr);
    if (handle_ == nullptr) return absl::UnavailableError("libmariadb: out of memory");
    open_ = true;
    const bool socket = request_.host[0] == '/';
    const auto seconds = static_cast<unsigned>(std::max<int64_t>(request_.deadline_ms / 1000, 1));
    const unsigned no = 0;
    const unsigned protocol = socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    const size_t packet = 1 << 20;
    my_.options(handle_, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    my_.options(handle_, MYSQL_OPT_READ_TIMEOUT, &seconds);
    my_.options(handle_, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    my_.options(handle_, MYSQL_OPT_LOCAL_INFILE, &no);
    my_.options(handle_, MYSQL_OPT_PROTOCOL, &protocol);
    my_.options(handle_, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    my_.options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (my_.options(handle_, MARIADB_OPT_RESTRICTED_AUTH, kMethods) != 0) {
      return absl::UnavailableError("libmariadb is too old to refuse passwords in clear");
    }
    const char* database = request_.database.empty() ? nullptr : request_.database.c_str();
    const bool connected =
        my_.connect(handle_, socket ? "localhost" : request_.host.c_str(), request_.user.c_str(),
                    password.c_str(), database, static_cast<unsigned>(request_.port),
                    socket ? request_.host.c_str() : nullptr, 0) != nullptr;
    if (!connected) return absl::UnavailableError(ToAbsl(Message()));
    Limit();
    return absl::OkStatus();
  }

  absl::StatusOr<DatabaseRows> Ask(const std::string& query) {
    DatabaseRows answer;
    if (Clock::now() > end_) {
      return absl::DeadlineExceededError("the database did not answer in time");
    }
    if (my_.query(handle_, query.data(), query.size()) != 0) {
      answer.error = Message();
      return answer;
    }
    const std::unique_ptr<MYSQL_RES, decltype(my_.free)> result(my_.use(handle_), my_.free);
    if (result == nullptr) return answer;
    while (MYSQL_ROW row = my_.fetch(result.get())) {
      if (Clock::now() > end_) {
        return absl::DeadlineExceededError("the database did not answer in time");
      }
      if (answer.rows.size() >= request_.max_rows || bytes_ > request_.max_bytes) {
        answer.cut = true;
        break;
      }
      const unsigned long* lengths = my_.lengths(result.get());
      std::vector<std::optional<std::string>> cells(my_.fields(result.get()));
      for (size_t i = 0; i < cells.size(); ++i) {
        if (row[i] == nullptr) continue;
        cells[i] = std::string(row[i], lengths[i]);
        bytes_ += lengths[i] + 16;
      }
      answer.rows.push_back(std::move(cells));
    }
    if (!answer.cut && my_.error_number(handle_) != 0) answer.error = Message();
    return answer;
  }

 private:
  std::string Message() {
    std::string message = my_.error(handle_);
    message.resize(std::min<size_t>(message.size(), 500));
    return message.empty() ? "no answer" : message;
  }

  // MariaDB knows one of the two limits, MySQL the other.
  void Limit() {
    const std::string ms = std::to_string(request_.deadline_ms);
    for (const std::string& statement :
         {std::string("SET SESSION TRANSACTION READ ONLY"),
          "SET SESSION max_statement_time=" + std::to_string(request_.deadline_ms / 1000),
          "SET SESSION max_execution_time=" + ms}) {
      my_.query(handle_, statement.data(), statement.size());
    }
  }

  const Library& my_;
  const DatabaseRequest& request_;
  const Clock::time_point end_;
  MYSQL* handle_ = nullptr;
  bool open_ = false;
  size_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<DatabaseAnswer> AskMysql(const DatabaseRequest& request,
                                        const std::string& password) {
  static const Library* const library = Load();
  if (library == nullptr) return absl::UnavailableError("libmariadb is not installed");
  Session session(*library, request);
  TOM_RETURN_IF_ERROR(session.Connect(password));
  DatabaseAnswer answer;
  answer.reserve(request.queries.size());
  for (const std::string& query : request.queries) {
    TOM_ASSIGN_OR_RETURN(DatabaseRows rows, session.Ask(query));
    const bool cut = rows.cut;
    answer.push_back(std::move(rows));
    if (cut) break;
  }
  while (answer.size() < request.queries.size()) {
    answer.emplace_back().error = "not asked: the answers before it are too large";
  }
  return answer;
}

}  // namespace tom
