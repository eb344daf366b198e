#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbtool::catalog::mending {

/// Storage parameters, `fillfactor=70, autovacuum_enabled=off`, as `fillfactor='70', …`; each name after
/// `prefix`.
std::string storage_options(std::string_view fact, std::string_view prefix = "");

/// `HEAD set (…);` and `HEAD reset (…);` that turn the ones into the others; "" when they are the same.
std::string change_storage_options(const std::string& head, std::string_view from, std::string_view to,
                                   std::string_view prefix = "");

/// ` options (…)`, or "" for none.
std::string foreign_options(std::string_view fact);

/// `options (add a 'x', set b 'y', drop c)`.
std::string change_foreign_options(std::string_view from, std::string_view to);

/// What a function sets: `search_path='public, pg_temp'` as {"search_path", "public, pg_temp"} with the value
/// as `set … to` takes it.
std::vector<std::pair<std::string, std::string>> settings(std::string_view fact);

}  // namespace dbtool::catalog::mending
