#include <dlfcn.h>
#include <libpq-fe.h>
#include <poll.h>

#include <chrono>
#include <memory>

#include "checks/env/database.h"
#include "checks/env/shared_function.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

using Clock = std::chrono::steady_clock;

// libpq's functions, by name.
struct Library {
  decltype(&PQconnectStartParams) start = nullptr;
  decltype(&PQconnectPoll) connect_poll = nullptr;
  decltype(&PQstatus) status = nullptr;
  decltype(&PQsocket) socket = nullptr;
  decltype(&PQerrorMessage) error = nullptr;
  decltype(&PQfinish) finish = nullptr;
  decltype(&PQsendQuery) send = nullptr;
  decltype(&PQsetSingleRowMode) single_row = nullptr;
  decltype(&PQconsumeInput) consume = nullptr;
  decltype(&PQisBusy) busy = nullptr;
  decltype(&PQgetResult) result = nullptr;
  decltype(&PQresultStatus) result_status = nullptr;
  decltype(&PQresultErrorMessage) result_error = nullptr;
  decltype(&PQntuples) tuples = nullptr;
  decltype(&PQnfields) fields = nullptr;
  decltype(&PQgetisnull) is_null = nullptr;
  decltype(&PQgetvalue) value = nullptr;
  decltype(&PQgetlength) length = nullptr;
  decltype(&PQclear) clear = nullptr;
};

const Library* Load() {
  static Library pq;
  void* so = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (so == nullptr) return nullptr;
  const bool whole =
      FindFunction(so, "PQconnectStartParams", pq.start) &&
      FindFunction(so, "PQconnectPoll", pq.connect_poll) &&
      FindFunction(so, "PQstatus", pq.status) && FindFunction(so, "PQsocket", pq.socket) &&
      FindFunction(so, "PQerrorMessage", pq.error) && FindFunction(so, "PQfinish", pq.finish) &&
      FindFunction(so, "PQsendQuery", pq.send) &&
      FindFunction(so, "PQsetSingleRowMode", pq.single_row) &&
      FindFunction(so, "PQconsumeInput", pq.consume) && FindFunction(so, "PQisBusy", pq.busy) &&
      FindFunction(so, "PQgetResult", pq.result) &&
      FindFunction(so, "PQresultStatus", pq.result_status) &&
      FindFunction(so, "PQresultErrorMessage", pq.result_error) &&
      FindFunction(so, "PQntuples", pq.tuples) && FindFunction(so, "PQnfields", pq.fields) &&
      FindFunction(so, "PQgetisnull", pq.is_null) && FindFunction(so, "PQgetvalue", pq.value) &&
      FindFunction(so, "PQgetlength", pq.length) && FindFunction(so, "PQclear", pq.clear);
  return whole ? &pq : nullptr;
}

// An error message of libpq's: without its last line end, and bounded.
std::string Message(const char* text) {
  std::string message = text == nullptr ? "" : text;
  message.resize(std::min<size_t>(message.size(), 500));
  while (!message.empty() && message.back() == '\n') message.pop_back();
  for (char& c : message) c = c == '\n' ? ' ' : c;
  return message;
}

class Session {
 public:
  Session(const Library& pq, const DatabaseRequest& request)
      : pq_(pq),
        request_(request),
        end_(Clock::now() + std::chrono::milliseconds(request.deadline_ms)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (connection_ != nullptr) pq_.finish(connection_);
  }

  absl::Status Connect(const std::string& password) {
    const bool socket = request_.host[0] == '/';
    const std::string port = std::to_string(request_.port);
    const std::string timeout = std::to_string(request_.deadline_ms);
    const std::string options =
        "-c default_transaction_read_only=on -c statement_timeout=" + timeout +
        " -c lock_timeout=" + timeout + " -c search_path=pg_catalog" +
        // Where policies would leave rows out the question is refused.
        " -c row_security=off";
    // What is named here neither environment nor file of libpq's can say otherwise.
    const char* const names[] = {socket ? "host" : "hostaddr",
                                 "port",
                                 "user",
                                 "password",
                                 "dbname",
                                 "options",
                                 "sslmode",
                                 "gssencmode",
                                 "passfile",
                                 "requirepeer",
                                 "client_encoding",
                                 "application_name",
                                 "target_session_attrs",
                                 "channel_binding",
                                 nullptr};
    const char* const values[] = {request_.host.c_str(),
                                  port.c_str(),
                                  request_.user.c_str(),
                                  password.c_str(),
                                  request_.database.c_str(),
                                  options.c_str(),
                                  "disable",
                                  "disable",
                                  "/nonexistent",
                                  socket ? request_.server_user.c_str() : "",
                                  "UTF8",
                                  "tom-agent",
                                  "any",
                                  "disable",
                                  nullptr};
    connection_ = pq_.start(names, values, 0);
    if (connection_ == nullptr) return absl::UnavailableError("libpq: out of memory");
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (pq_.status(connection_) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
           state != PGRES_POLLING_FAILED) {
      TOM_RETURN_IF_ERROR(Wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT));
      state = pq_.connect_poll(connection_);
    }
    if (state == PGRES_POLLING_OK) return absl::OkStatus();
    return absl::UnavailableError(ToAbsl(Message(pq_.error(connection_))));
  }

  absl::StatusOr<DatabaseRows> Ask(const std::string& query) {
    DatabaseRows answer;
    if (pq_.send(connection_, query.c_str()) != 1) return Broken();
    pq_.single_row(connection_);
    while (true) {
      while (pq_.busy(connection_) == 1) {
        TOM_RETURN_IF_ERROR(Wait(POLLIN));
        if (pq_.consume(connection_) != 1) return Broken();
      }
      const std::unique_ptr<PGresult, decltype(pq_.clear)> result(pq_.result(connection_),
                                                                  pq_.clear);
      if (result == nullptr) return answer;
      const ExecStatusType status = pq_.result_status(result.get());
      if (status == PGRES_SINGLE_TUPLE) {
        if (!Take(result.get(), answer)) {
          answer.cut = true;  // the session ends with this: what else comes is not read
          return answer;
        }
      } else if (status != PGRES_TUPLES_OK) {
        answer.error = Message(pq_.result_error(result.get()));
        if (answer.error.empty()) answer.error = "no rows";
      }
    }
  }

  bool full() const { return full_; }

 private:
  absl::Status Broken() { return absl::UnavailableError(ToAbsl(Message(pq_.error(connection_)))); }

  absl::Status Wait(short events) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
    pollfd one{.fd = pq_.socket(connection_), .events = events, .revents = 0};
    if (left <= 0 || poll(&one, 1, static_cast<int>(left)) == 0) {
      return absl::DeadlineExceededError("the database did not answer in time");
    }
    return absl::OkStatus();
  }

  bool Take(PGresult* result, DatabaseRows& answer) {
    if (answer.rows.size() >= request_.max_rows) {
      full_ = true;
      return false;
    }
    std::vector<std::optional<std::string>> row;
    const int fields = pq_.fields(result);
    row.reserve(static_cast<size_t>(fields));
    for (int i = 0; i < fields; ++i) {
      if (pq_.is_null(result, 0, i) == 1) {
        row.emplace_back();
        continue;
      }
      row.emplace_back(
          std::string(pq_.value(result, 0, i), static_cast<size_t>(pq_.length(result, 0, i))));
      bytes_ += row.back()->size() + 16;
    }
    full_ = bytes_ > request_.max_bytes;
    if (!full_) answer.rows.push_back(std::move(row));
    return !full_;
  }

  const Library& pq_;
  const DatabaseRequest& request_;
  const Clock::time_point end_;
  PGconn* connection_ = nullptr;
  size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

absl::StatusOr<DatabaseAnswer> AskPostgres(const DatabaseRequest& request,
                                           const std::string& password) {
  static const Library* const library = Load();
  if (library == nullptr) return absl::UnavailableError("libpq is not installed");
  Session session(*library, request);
  TOM_RETURN_IF_ERROR(session.Connect(password));
  DatabaseAnswer answer;
  answer.reserve(request.queries.size());
  for (const std::string& query : request.queries) {
    if (session.full()) {
      answer.emplace_back().error = "not asked: the answers before it are too large";
      continue;
    }
    TOM_ASSIGN_OR_RETURN(DatabaseRows rows, session.Ask(query));
    answer.push_back(std::move(rows));
  }
  return answer;
}

}  // namespace tom
