#include "rows/hinted.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "pg/quote.h"

namespace dbtool::rows {
namespace {

using nlohmann::json;

std::optional<std::int64_t> integer_of(const std::string& text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// The numbers; negative ones stand as text in what the server prints.
std::vector<std::string> numbers_of(const Hints& hints) {
  std::vector<std::string> all = hints.numbers;
  all.insert(all.end(), hints.strings.begin(), hints.strings.end());
  return all;
}

/// Those of a type with a fraction, which may have to lie close to the constants, or between them.
std::vector<std::string> fractions_near(const Hints& hints) {
  std::vector<std::string> values;
  std::optional<double> before;
  for (const std::string& text : numbers_of(hints)) {
    double number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) continue;
    if (!(std::abs(number) < 1e12)) continue;
    for (const double step : {-0.5, -0.01, 0.01, 0.1, 0.25, 0.5})
      values.push_back(fmt::format("{:.3f}", number + step));
    for (const double share : {0.125, 0.25, 0.5, 0.75}) {
      if (before) values.push_back(fmt::format("{:.6f}", *before + share * (number - *before)));
    }
    before = number;
  }
  return values;
}

std::vector<std::string> numbers_near(const Hints& hints) {
  std::vector<std::string> values;
  std::optional<std::int64_t> before;
  for (const std::string& text : numbers_of(hints)) {
    values.push_back(text);
    const auto number = integer_of(text);
    if (!number || *number < -1'000'000'000'000 || *number > 1'000'000'000'000) continue;
    for (const int step : {-1, 1, 2, 3, 4, 5, 6, 7, 10, 100})
      values.push_back(std::to_string(*number + step));
    if (before) values.push_back(std::to_string((*before + *number) / 2));
    before = number;
  }
  return values;
}

std::string of_length(std::size_t length, std::string_view alphabet, Random& random) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += alphabet[random.below(alphabet.size())];
  return text;
}

std::vector<std::string> texts(const Hints& hints, Random& random) {
  std::vector<std::string> values;
  for (const std::string& text : hints.strings) {
    for (const std::string& one :
         {text, text + "a", text + "-1", "a" + text, "a" + text + "b", to_lower(text)})
      values.push_back(one);
  }
  for (const std::string& pattern : hints.patterns) {
    for (int i = 0; i < 24; ++i)
      values.push_back(sample_pattern(pattern, static_cast<unsigned>(random.next())));
  }
  for (const std::string& pattern : hints.likes) {
    for (unsigned choice = 0; choice < 8; ++choice) values.push_back(sample_like(pattern, choice));
  }
  for (const std::int64_t length : lengths_of(hints)) {
    for (const char* const alphabet :
         {"abcdefghijklmnopqrstuvwxyz", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789abcdef"}) {
      for (int i = 0; i < 3; ++i)
        values.push_back(of_length(static_cast<std::size_t>(length), alphabet, random));
    }
  }
  values.insert(values.end(), hints.numbers.begin(), hints.numbers.end());
  return values;
}

/// Objects with the constants as keys, also nested, and the constants as values.
std::vector<std::string> objects(const Hints& hints, Random& random) {
  std::vector<std::string> keys;
  for (const std::string& text : hints.strings) {
    for (const std::string& step : text.starts_with("{") ? std::vector<std::string>{} : std::vector{text})
      keys.push_back(step);
  }
  const auto leaf = [&]() -> json {
    switch (random.below(8)) {
      case 0:
        return static_cast<int>(random.below(100));
      case 1:
        return random.once_in(2);
      case 2:
        return json::array();
      case 3:
        return json::array({1, "a"});
      case 4:
        return json::object({{"a", 1}});
      case 5:
        return random.pick(keys);
      case 6:
        return 1.5;
      default:
        return "text";
    }
  };
  std::vector<std::string> values = hints.strings;
  if (keys.empty()) return values;
  for (int i = 0; i < 48; ++i) {
    json object = json::object();
    for (const std::string& key : keys) {
      if (i % 4 != 3 || random.once_in(2)) object[key] = leaf();
    }
    if (i % 6 == 5) object = json::object({{random.pick(keys), object}});
    values.push_back(object.dump());
    if (i % 8 == 7) values.push_back(json::array({leaf(), leaf()}).dump());
  }
  return values;
}

/// Moments at, before and behind those given, and in the years that the numbers may be.
Pool moments(const std::string& name, const std::string& cast, const Hints& hints) {
  Pool pool = literal_pool(hints.strings, cast);
  if (name != "date" && name != "timestamp" && name != "timestamptz") return pool;
  for (const std::string& text : hints.strings) {
    for (const char* const step : {"-1 day", "1 day", "10 days", "1 second", "1 month", "1 year"})
      pool.push_back(
          fmt::format("({}::timestamp + '{}'::interval)::{}", pg::quote_literal(text), step, cast));
  }
  for (const std::string& text : hints.numbers) {
    const auto year = integer_of(text);
    if (!year || *year < 1000 || *year > 9998) continue;
    for (const int step : {-1, 0, 1}) pool.push_back(fmt::format("'{}-06-15'::{}", *year + step, cast));
  }
  return pool;
}

}  // namespace

Pool literal_pool(const std::vector<std::string>& literals, const std::string& cast) {
  Pool pool;
  pool.reserve(literals.size());
  for (const std::string& literal : literals) pool.push_back(pg::quote_literal(literal) + "::" + cast);
  return pool;
}

std::vector<std::int64_t> lengths_of(const Hints& hints) {
  std::vector<std::int64_t> lengths;
  for (const std::string& text : hints.numbers) {
    const auto number = integer_of(text);
    for (const int step : {-1, 0, 1}) {
      const std::int64_t length = number.value_or(-9) + step;
      const bool is_new = std::find(lengths.begin(), lengths.end(), length) == lengths.end();
      if (length >= 0 && length <= 2000 && is_new) lengths.push_back(length);
    }
  }
  return lengths;
}

Pool hinted_values(const Type& type, const std::string& cast, const Hints& hints, Random& random) {
  if (type.name == "json" || type.name == "jsonb") return literal_pool(objects(hints, random), cast);
  switch (type.category) {
    case 'N': {
      std::vector<std::string> numbers = numbers_near(hints);
      if (type.name == "numeric" || type.name == "money" || type.name.starts_with("float")) {
        for (std::string& number : fractions_near(hints)) numbers.push_back(std::move(number));
      }
      return literal_pool(numbers, cast);
    }
    case 'S':
      return literal_pool(texts(hints, random), cast);
    case 'D':
      return moments(type.name, cast, hints);
    default: {
      Pool pool = literal_pool(hints.strings, cast);
      if (type.name != "bytea") return pool;
      for (const std::int64_t length : lengths_of(hints))
        pool.push_back(
            fmt::format("'\\x{}'::{}",
                        of_length(2 * static_cast<std::size_t>(length), "0123456789abcdef", random), cast));
      return pool;
    }
  }
}

}  // namespace dbtool::rows
