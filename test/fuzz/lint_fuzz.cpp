// libFuzzer target over everything that `lint` does with a version's text: cutting blocks and statements, the
// parser, the model of the schema, every rule. The first byte says what the rest is: a version file (y),
// plain SQL (p), or a PL/pgSQL block (anything else). A fault is a crash, an abort of the parser's library, a
// sanitizer's report, a broken promise, or a run of more than a few seconds.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lint/lint.h"
#include "load/complaints.h"
#include "load/reader.h"
#include "load/side_file.h"
#include "load/version_file.h"
#include "load/yaml.h"

namespace {

using namespace dbtool;

void expect(bool promise) {
  if (!promise) std::abort();
}

SqlText sql_text(std::string_view text, int line) {
  SqlText sql;
  sql.text = text;
  sql.place = {"versions/0001.yml", line, 1};
  return sql;
}

Version version_of(std::string_view text, bool transactional) {
  Version version;
  version.number = 1;
  version.place = {"versions/0001.yml", 1, 1};
  version.transactional = transactional;
  version.migration_script = sql_text(text, 1);
  version.downgrade_script = sql_text(text, 1000);
  Method method;
  method.name = "m";
  method.body = sql_text(text, 2000);
  version.methods.push_back(std::move(method));
  return version;
}

void check(const Version& version) {
  Project project;
  project.directory = "/nowhere";
  project.versions = {version};
  project.sizes = {{"tasks", 28'000'000, 50'000'000'000}};
  lint::Options options;
  options.statements = true;
  const lint::Outcome outcome = lint::lint(project, options);
  for (const Finding& finding : outcome.findings) {
    expect(!finding.rule.empty() && !finding.message.empty() && !finding.object.empty());
    expect(finding.place.line >= 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view contents(reinterpret_cast<const char*>(data + 1), size - 1);
  const char kind = static_cast<char>(*data);
  if (kind != 'y') {
    check(version_of(contents, kind != 'p'));
    return 0;
  }
  load::Complaints complaints;
  const auto document = load::parse_yaml("versions/0001.yml", contents, complaints);
  if (!document) return 0;
  const load::Reader reader(*document, complaints);
  const Version version = load::read_version(reader, 1, load::SideFiles{});
  if (version.number == 1) check(version);
  return 0;
}
