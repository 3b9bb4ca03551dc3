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
    ValueRow row(table_.columns.size());
    for (const auto& [name, value] : cells) {
      if (const size_t i = IndexOf(name); i < row.size()) row[i] = value;
    }
    return AddRow(std::move(row));
  }

  bool AddRow(ValueRow row) override {
    if (full_) return false;
    row.resize(table_.columns.size());
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = Convert(table_.columns[i], row[i]);
      bytes_ += sizeof(Value);
      if (const auto* text = std::get_if<std::string>(&row[i])) bytes_ += text->size();
    }
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
  // The count of columns where there is none of that name.
  size_t IndexOf(std::string_view name) {
    size_t i = 0;
    while (i < table_.columns.size() && table_.columns[i].name != name) ++i;
    if (i == table_.columns.size()) Incomplete("the table has no column " + std::string(name));
    return i;
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
