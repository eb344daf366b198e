#pragma once

#include <string>

#include "test/database/run/run_fixture.h"

namespace dbtool::test {

struct Declared {
  std::string table = "source";
  std::string key = "[a, b]";
  std::string batch =
      "insert into copy (a, b, v) select a, b, upper(v) from source e where $range:e$ for update of e "
      "on conflict (a, b) do nothing";
  std::string complete =
      "select not exists (select from source s where not exists "
      "(select from copy c where c.a = s.a and c.b = s.b))";
  std::string verify =
      "{source: 'select a, b, upper(v) from source e where $range:e$', "
      "copy: 'select a, b, v from copy c where $range:c$'}";
};

inline std::string to_yaml(const char* direction, const Declared& declared) {
  return std::string("  ") + direction + ":\n    table: " + declared.table + "\n    key: " + declared.key +
         "\n    batch: |-\n      " + declared.batch + "\n    complete: |-\n      " + declared.complete +
         (declared.verify.empty() ? "" : "\n    verify: " + declared.verify) + "\n";
}

inline Declared way_back() {
  return {"copy", "[a, b]",
          "insert into source (a, b, v) select a, b, lower(v) from copy e where $range:e$ for update of e "
          "on conflict (a, b) do nothing",
          "select not exists (select from copy c where not exists (select from source s where s.a = c.a and "
          "s.b = c.b))",
          ""};
}

/// Version 1 makes `source` with its rows, version 2 moves them into `copy`.
inline void write_declared(const RunFixture& fixture, const Declared& up = {}, int rows = 20000) {
  fixture.write_scripts(
      1,
      "begin\n  create table source (a text, b int, v text, primary key (a, b));\n"
      "  insert into source select 'k' || i % 97, i, 'value ' || i from generate_series(1, " +
          std::to_string(rows) + ") i;\nend",
      "begin\n  drop table source;\nend");
  fixture.write_scripts(
      2, "begin\n  create table if not exists copy (a text, b int, v text, primary key (a, b));\nend",
      "begin\n  null;\nend",
      "online:\n" + to_yaml("migration", up) + to_yaml("downgrade", way_back()) + "methods: {}");
}

/// Rows that are in one of the tables and not, or not the same, in the other.
inline std::string differences(const RunFixture& fixture) {
  return fixture.text(
      "select count(*) from source s full join copy c using (a, b) where c.v is distinct from upper(s.v)");
}

}  // namespace dbtool::test
