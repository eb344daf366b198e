#include "rows/literals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>

namespace dbtool::rows {
namespace {

constexpr int random_values = 12;

std::string digits(Random& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + random.below(10));
  return text;
}

std::string hex(Random& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "0123456789abcdef"[random.below(16)];
  return text;
}

std::string word(Random& random) {
  static const std::vector<std::string> words = {"build", "index",  "linux", "worker", "queue", "signing",
                                                 "test",  "deploy", "pool",  "cache",  "main",  "nightly"};
  return random.pick(words);
}

std::string date(Random& random) {
  return fmt::format("{:04}-{:02}-{:02}", 1995 + random.below(40), 1 + random.below(12),
                     1 + random.below(28));
}

std::string time(Random& random) {
  return fmt::format("{:02}:{:02}:{:02}.{:06}", random.below(24), random.below(60), random.below(60),
                     random.below(4) == 0 ? random.below(1000000) : random.below(1000) * 1000);
}

std::string uuid(Random& random) {
  return fmt::format("{}-{}-4{}-a{}-{}", hex(random, 8), hex(random, 4), hex(random, 3), hex(random, 3),
                     hex(random, 12));
}

std::string address(Random& random) {
  return fmt::format("10.{}.{}.{}", random.below(256), random.below(256), random.below(256));
}

std::string json_object(Random& random) {
  return fmt::format(R"({{"{}": {}, "name": "{}-{}", "list": [{}, null, true], "inner": {{"{}": {}.{}}}}})",
                     word(random), random.below(100000), word(random), random.below(1000), random.below(10),
                     word(random), random.below(1000), digits(random, 3));
}

std::string text(Random& random) {
  switch (random.below(4)) {
    case 0:
      return word(random) + "-" + digits(random, 4);
    case 1:
      return word(random) + "/" + word(random) + "." + hex(random, 6);
    case 2:
      return hex(random, 22);
    default:
      return word(random) + " " + word(random) + " " + digits(random, 2);
  }
}

std::string point(Random& random) {
  return fmt::format("({}.5,-{}.25)", random.below(1000), random.below(1000));
}

using Make = std::function<std::string(Random&)>;

struct Known {
  std::vector<std::string> plain;
  std::vector<std::string> edges;
  Make make{};
};

Make number(std::size_t limit) {
  return [limit](Random& random) { return std::to_string(1 + random.below(limit)); };
}

/// Text of a kind that checks ask for: names, addresses, codes, lists.
const Known text_like{{"a", "abc", "ABC", "42", "main", "ada@example.org", "https://example.org/a?b=c",
                       "2024-05-17", "VJ8hDdSjQYOhLRUcK4XTIQ", "123e4567-e89b-42d3-a456-426614174000"},
                      {"", " ", " padded ", "it's", R"(back\slash "quoted" %_ $1)", "two\nlines\tand a tab",
                       "NULL", "Zürich, 東京 🚀", "e\xCC\x81", "{\"json\": [1, null]}",
                       std::string(300, 'x') + " long enough for most limits"},
                      text};

const Known json_like{{"{}", "[]", R"({"a": 1})", R"(["x", 2])", R"("text")", "7", "true"},
                      {"null", R"("")", "-0.0", "1e20", R"({"": null, "a": {"b": [{}, [[]], "é\n\"\\"]}})",
                       R"({"b": 1, "a": 2, "bb": 12345678901234567890.123456789})"},
                      json_object};

const std::map<std::string_view, Known>& numbers() {
  static const std::map<std::string_view, Known> known = {
      {"int2", {{"1", "2", "3", "10", "100"}, {"0", "-1", "32767", "-32768"}, number(30000)}},
      {"int4", {{"1", "2", "3", "10", "100"}, {"0", "-1", "2147483647", "-2147483648"}, number(1000000)}},
      {"int8",
       {{"1", "2", "3", "10", "100"},
        {"0", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993"},
        number(1000000000000)}},
      {"float4",
       {{"1", "0.5", "2.25", "100"}, {"0", "-0", "1e-30", "3.4028235e+38", "-1.1", "NaN", "Infinity"}}},
      {"float8",
       {{"1", "0.5", "2.25", "100"},
        {"0", "-0", "0.1", "1e-300", "1.7976931348623157e+308", "-1.1", "NaN", "Infinity", "-Infinity"}}},
      {"numeric",
       {{"1", "2.50", "100"}, {"0", "-1", "0.000000000000000000001", "12345678901234567890.10", "NaN"}}},
      {"money", {{"1.00", "12.34"}, {"0", "-5.67", "92233720368547758.07"}, number(10000)}},
      {"bool", {{"true", "false"}, {}}},
      {"oid", {{"1", "100"}, {"0", "4294967295"}, number(1000000)}},
      {"xid", {{"3", "100"}, {"0", "4294967295"}, number(1000000)}},
      {"cid", {{"3", "100"}, {"0"}, number(1000000)}},
      {"xid8", {{"3", "100"}, {"0", "18446744073709551615"}, number(1000000)}},
      {"tid", {{"(0,1)", "(7,3)"}, {"(4294967295,65535)"}}},
      {"bit", {{"1", "101", "0110"}, {"0"}}},
      {"varbit", {{"1", "101", "0110"}, {"", "0"}}},
  };
  return known;
}

const std::map<std::string_view, Known>& texts() {
  static const std::map<std::string_view, Known> known = {
      {"text", text_like},
      {"varchar", text_like},
      {"bpchar", text_like},
      {"citext", text_like},
      {"name", {{"a", "tasks", "task_id"}, {"", "My Table"}, text}},
      {"char", {{"a", "b", "Z"}, {"", " ", "0"}}},
      {"bytea",
       {{"\\x00", "\\xdeadbeef"},
        {"\\x", "\\xff00ff27225c"},
        [](Random& random) { return "\\x" + hex(random, 16); }}},
      {"json", json_like},
      {"jsonb", json_like},
      {"jsonpath", {{"$", "$.a[*]"}, {"strict $.\"a b\" ? (@ > 1)"}}},
      {"xml", {{"<a/>", "<a b=\"1\">text</a>"}, {"", "plain &amp; text", "<a/><b/>"}}},
      {"tsvector", {{"'build' 'task'", "'build':1 'task':2A"}, {"", "'it''s':3"}}},
      {"tsquery", {{"'build'", "'build' & !'task'"}, {""}}},
      {"uuid",
       {{"123e4567-e89b-42d3-a456-426614174000"},
        {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
        uuid}},
      {"hstore", {{"a=>1", "a=>1, b=>NULL"}, {"", "\"it's\"=>\"\\\"\""}}},
      {"ltree", {{"top", "top.science.astronomy"}, {""}}},
  };
  return known;
}

const std::map<std::string_view, Known>& moments() {
  static const std::map<std::string_view, Known> known = {
      {"date",
       {{"2024-05-17", "2020-02-29"}, {"1970-01-01", "0001-01-01", "4713-01-01 BC", "infinity"}, date}},
      {"time", {{"12:34:56", "08:00"}, {"00:00", "24:00", "23:59:59.999999"}, time}},
      {"timetz", {{"12:34:56+02", "08:00-05"}, {"00:00+14", "23:59:59.999999-11:30"}}},
      {"timestamp",
       {{"2024-05-17 12:34:56", "2020-02-29 23:59:59.5"},
        {"1970-01-01", "2024-03-31 02:30:00", "0044-03-15 12:00:00 BC", "-infinity"},
        [](Random& random) { return date(random) + " " + time(random); }}},
      {"timestamptz",
       {{"2024-05-17 12:34:56+00", "2020-02-29 23:59:59.123456+00"},
        {"1970-01-01 00:00:00+00", "2024-03-31 02:30:00+01", "0044-03-15 12:00:00+00 BC", "infinity"},
        [](Random& random) { return date(random) + " " + time(random) + "+00"; }}},
      {"interval",
       {{"1 day", "02:30:00", "1 mon 2 days 03:04:05.678"},
        {"0", "-1 day +23:59:59", "178000000 years", "24 hours"},
        [](Random& random) { return std::to_string(random.below(100000)) + " seconds"; }}},
  };
  return known;
}

const std::map<std::string_view, Known>& others() {
  static const std::map<std::string_view, Known> known = {
      {"inet", {{"10.1.2.3", "192.168.0.1/24", "2001:db8::1"}, {"0.0.0.0/0", "::"}, address}},
      {"cidr", {{"10.0.0.0/8", "2001:db8::/32"}, {"0.0.0.0/0"}, address}},
      {"macaddr",
       {{"08:00:2b:01:02:03"},
        {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"},
        [](Random& random) { return hex(random, 12); }}},
      {"macaddr8",
       {{"08:00:2b:01:02:03:04:05"},
        {"00:00:00:00:00:00:00:00"},
        [](Random& random) { return hex(random, 16); }}},
      {"pg_lsn", {{"16/B374D848", "0/1"}, {"0/0", "FFFFFFFF/FFFFFFFF"}}},
      {"pg_snapshot", {{"10:20:10,14,15"}, {}}},
      {"txid_snapshot", {{"10:20:10,14,15"}, {}}},
      {"point", {{"(1,2)", "(0.5,-3)"}, {"(0,0)", "(1e100,-1e-100)"}, point}},
      {"line", {{"{1,-1,0}", "{2,3,4}"}, {}}},
      {"lseg", {{"[(0,0),(1,1)]", "[(1,2),(3,4)]"}, {"[(1,1),(1,1)]"}}},
      {"box", {{"(1,1),(0,0)", "(4,5),(2,3)"}, {"(0,0),(0,0)"}}},
      {"path", {{"[(0,0),(1,1),(2,0)]", "((0,0),(1,1),(2,0))"}, {}}},
      {"polygon", {{"((0,0),(1,1),(2,0))", "((0,0),(0,4),(4,4),(4,0))"}, {}}},
      {"circle", {{"<(0,0),1>", "<(3,4),5>"}, {"<(0,0),0>"}}},
      {"regclass", {{"pg_class", "pg_type"}, {"-"}}},
      {"regtype", {{"integer", "text[]"}, {"-"}}},
      {"regproc", {{"now", "pg_backend_pid"}, {"-"}}},
      {"regprocedure", {{"now()", "length(text)"}, {"-"}}},
      {"regoper", {{"|/", "||/"}, {}}},
      {"regoperator", {{"+(integer,integer)"}, {}}},
      {"regrole", {{"pg_monitor"}, {"-"}}},
      {"regnamespace", {{"pg_catalog"}, {"-"}}},
      {"regconfig", {{"simple", "english"}, {"-"}}},
      {"regdictionary", {{"simple"}, {"-"}}},
      {"regcollation", {{"\"C\"", "\"POSIX\""}, {}}},
      {"int2vector", {{"1 2", "3"}, {""}}},
      {"oidvector", {{"1 2", "3"}, {""}}},
      {"cube", {{"(1,2)", "(0,0),(1,1)"}, {}}},
      {"refcursor", {{"a"}, {""}}},
  };
  return known;
}

const Known* find(std::string_view type) {
  for (const auto* family : {&numbers(), &texts(), &moments(), &others()}) {
    const auto found = family->find(type);
    if (found != family->end()) return &found->second;
  }
  return nullptr;
}

/// numeric(precision, scale): within its bounds, with digits on both sides of the point.
Literals bounded_numeric(int modifier, Random& random) {
  const int precision = ((modifier - 4) >> 16) & 0xffff;
  // 11 bits with a sign, since a scale may be negative.
  const int scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  const auto made = [&](const std::function<std::string(std::size_t)>& fill) {
    const auto whole = static_cast<std::size_t>(std::max(0, precision - std::max(scale, 0)));
    const auto fraction = static_cast<std::size_t>(std::clamp(scale, 0, precision));
    std::string text = whole == 0 ? "0" : fill(whole);
    if (scale < 0) text += std::string(static_cast<std::size_t>(-scale), '0');
    if (scale > 0)
      text += "." + std::string(static_cast<std::size_t>(scale) - fraction, '0') + fill(fraction);
    return text;
  };
  const std::string greatest = made([](std::size_t count) { return std::string(count, '9'); });
  Literals values{{}, {"0", greatest, "-" + greatest}};
  if (precision > scale && scale >= 0) values.plain = {"1"};
  for (int i = 0; i < random_values; ++i) {
    // Few digits before the point as a rule: the numbers that people store.
    values.plain.push_back(made([&](std::size_t count) {
      const std::size_t zeros = count > 3 && i % 3 != 0 ? count - 3 : 0;
      return std::string(zeros, '0') + digits(random, count - zeros);
    }));
  }
  return values;
}

}  // namespace

Literals literals_of(std::string_view type, int modifier, Random& random) {
  if (type == "numeric" && modifier >= 4) return bounded_numeric(modifier, random);
  const Known* known = find(type);
  if (known == nullptr) return {};
  Literals values{known->plain, known->edges};
  for (int i = 0; known->make && i < random_values; ++i) values.plain.push_back(known->make(random));
  if (type == "float4" || type == "float8" || type == "numeric") {
    for (int i = 0; i < random_values; ++i)
      values.plain.push_back(std::to_string(random.below(10000)) + "." + digits(random, 2) + "5");
  }
  if (type == "bit" || type == "varbit") {
    for (int i = 0; i < random_values; ++i) {
      std::string bits;
      for (int j = 0; j < std::clamp(modifier, 8, 64); ++j) bits += random.once_in(2) ? '1' : '0';
      values.plain.push_back(bits);
    }
  }
  return values;
}

const std::vector<std::string>& guesses() {
  static const std::vector<std::string> all = {"",      "a",          "1",          "0",
                                               "1.0",   "{}",         "[]",         "()",
                                               "(0,0)", "(0,0,0)",    "[1,2,3]",    "[1,2]",
                                               "{1,2}", "1,2",        "a.b",        "1.2.3",
                                               "<a/>",  "POINT(1 2)", "2020-01-01", "978-0-393-04002-9",
                                               "a=>1",  "0-1",        "1 .. 2",     "true"};
  return all;
}

}  // namespace dbtool::rows
