#include "load/across.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "load/scalar.h"
#include "sql/parse.h"

namespace dbtool::load {

namespace {

/// Where something about a function was said first.
template <typename Value>
struct First {
  const Value* value = nullptr;
  int version = 0;
};

/// What versions so far say about one function.
struct Declared {
  First<MethodMode> mode;
  First<std::string> service;
  First<SqlText> args;
  First<SqlText> returns;
};

std::string show(MethodMode mode) {
  return mode == MethodMode::read ? "read" : "write";
}
std::string show(const std::string& text) {
  return text;
}
std::string show(const SqlText& sql) {
  return sql.text;
}

bool same(MethodMode a, MethodMode b) {
  return a == b;
}
bool same(const std::string& a, const std::string& b) {
  return a == b;
}
bool same(const SqlText& a, const SqlText& b) {
  // Most redefinitions repeat the text; comparing meanings costs more.
  return a.text == b.text || sql::normalize(a.text) == sql::normalize(b.text);
}

Place place_of(const SqlText& sql, const Method&) {
  return sql.place;
}
template <typename Value>
Place place_of(const Value&, const Method& method) {
  return method.place;
}

template <typename Value>
void compare(First<Value>& first, const Value* value, const std::string& key, const Method& method,
             int version, Complaints& complaints) {
  if (value == nullptr) return;
  if (first.value == nullptr) {
    first = {value, version};
  } else if (!same(*first.value, *value)) {
    complaints.add(
        place_of(*value, method),
        fmt::format(
            "`{}` of `{}` is `{}` in version {}, but was `{}` in version {}; a function never changes "
            "its {}, write a new function",
            key, method.name, shorten(show(*value)), version, shorten(show(*first.value)), first.version,
            key));
  }
}

void check_entry(Declared& declared, const Method& method, int version, Complaints& complaints) {
  compare(declared.mode, method.mode ? &*method.mode : nullptr, "mode", method, version, complaints);
  compare(declared.service, method.service_name.empty() ? nullptr : &method.service_name, "serviceName",
          method, version, complaints);
  compare(declared.args, method.args ? &*method.args : nullptr, "args", method, version, complaints);
  compare(declared.returns, method.returns ? &*method.returns : nullptr, "returns", method, version,
          complaints);
}

}  // namespace

void check_across(const std::vector<Version>& versions, bool complete, Complaints& complaints) {
  std::unordered_map<std::string_view, Declared> functions;
  for (const Version& version : versions) {
    for (const Method& method : version.methods) {
      const auto [function, is_new] = functions.try_emplace(method.name);
      check_entry(function->second, method, version.number, complaints);
      if (complete && is_new && method.deprecated && !method.body) {
        functions.erase(function);
        std::vector<std::string_view> known;
        for (const auto& [name, declared] : functions) known.push_back(name);
        std::sort(known.begin(), known.end());
        complaints.add(method.place,
                       fmt::format("`{}` is deprecated, but no earlier version defines it{}; mend the name, "
                                   "or remove the entry",
                                   method.name, did_you_mean(method.name, known)));
      }
    }
  }
}

}  // namespace dbtool::load
