#include "checks/engine/scan.h"

#include "evidence/row.h"
#include "evidence/status_text.h"

namespace tom {
namespace {

constexpr size_t kMaxReasons = 20;

class ScanSink : public RowSink {
 public:
  ScanSink(const Table& table, const std::string* pseudonym_key)
      : table_(table), pseudonym_key_(pseudonym_key) {}

  bool Add(std::initializer_list<std::pair<std::string_view, Value>> cells) override {
    if (full_) return false;
    ValueRow row(table_.columns.size());
    for (const auto& [name, value] : cells) Set(row, name, value);
    scan_.rows.push_back(std::move(row));
    full_ = scan_.rows.size() >= kMaxScanRows || bytes_ > kMaxScanBytes;
    if (full_) Incomplete("more rows than the bound allows");
    return !full_;
  }

  void Incomplete(std::string reason) override {
    if (scan_.incomplete.size() < kMaxReasons) {
      scan_.incomplete.push_back(table_.name + ": " + reason);
    }
  }

  Scan Take() { return std::move(scan_); }

 private:
  void Set(ValueRow& row, std::string_view name, const Value& value) {
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].name != name) continue;
      row[i] = Convert(table_.columns[i], value);
      bytes_ +=
          sizeof(Value) +
          (std::holds_alternative<std::string>(row[i]) ? std::get<std::string>(row[i]).size() : 0);
      return;
    }
    Incomplete("the table has no column " + std::string(name));
  }

  Value Convert(const Column& column, const Value& value) {
    if (IsNull(value)) return value;
    const bool text = std::holds_alternative<std::string>(value);
    if (std::holds_alternative<double>(value) || text != (column.type == ColumnType::kText)) {
      Incomplete("a value of column " + column.name + " is not of its type");
      return Value();
    }
    if (column.personal.empty() || pseudonym_key_ == nullptr || !text) return value;
    return Pseudonym(*pseudonym_key_, column.personal, std::get<std::string>(value));
  }

  const Table& table_;
  const std::string* pseudonym_key_;
  Scan scan_;
  size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

Scan ScanTable(const Table& table, Env& env, const TableContext& context,
               const std::string* pseudonym_key) {
  ScanSink sink(table, pseudonym_key);
  const absl::Status status = table.generate(env, context, sink);
  if (!status.ok()) sink.Incomplete(std::string(status.message()));
  return sink.Take();
}

}  // namespace tom
