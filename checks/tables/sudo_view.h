// What sudo grants to the accounts of this host, with what it takes to find out.
#ifndef TOM_CHECKS_TABLES_SUDO_VIEW_H_
#define TOM_CHECKS_TABLES_SUDO_VIEW_H_

#include <functional>
#include <string>
#include <vector>

#include "checks/engine/declared.h"
#include "checks/engine/table.h"
#include "checks/parse/sudo_policy.h"

namespace tom {

// One grant to one account; `number` is its place in sudo's order.
struct SudoRow {
  const SudoPerson& person;
  const SudoSettings& settings;
  const SudoGrant& grant;
  int64_t number = 0;
};

// Calls `take` for every row until it says false; says to `sink` what could not be read or decided.
absl::Status ViewSudo(Env& env, RowSink& sink, const std::function<bool(const SudoRow&)>& take);

// Bytes that are no UTF-8, and control characters, as question marks.
std::string PrintableText(std::string text);

std::vector<Touch> SudoersTouches(Env& env, const Declared& declared);
// Programs that the rules name, and what leads to them.
std::vector<Touch> SudoCommandTouches(Env& env);

}  // namespace tom

#endif  // TOM_CHECKS_TABLES_SUDO_VIEW_H_
