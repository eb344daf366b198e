// libFuzzer target over everything that reads the files of a project. The first byte says which file the
// others are; a fault is a crash, a sanitizer's report, a broken promise (abort) or a run of more than a few
// seconds.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "load/across.h"
#include "load/checksum.h"
#include "load/complaints.h"
#include "load/reader.h"
#include "load/schema_files.h"
#include "load/settings_file.h"
#include "load/version_file.h"
#include "load/yaml.h"

namespace {

using namespace dbtool;

void expect(bool promise) {
  if (!promise) std::abort();
}

/// Positions lie inside the file, and what is said to be exact is so.
void check_sql(const load::Document& document, const std::optional<SqlText>& sql) {
  if (!sql) return;
  expect(sql->place.line >= 1 && sql->place.column >= 1);
  for (const std::size_t offset : {std::size_t{0}, sql->text.size() / 2, sql->text.size()}) {
    const Place place = sql->locate(offset);
    expect(place.line >= sql->place.line && place.column >= 1);
    expect(static_cast<std::size_t>(place.line) <= document.text.size() + 2);
  }
}

void read_version(const load::Document& document, load::Complaints& complaints) {
  const load::Reader reader(document, complaints);
  std::vector<Version> versions{load::read_version(reader, 1, load::SideFiles{})};
  const Version& version = versions.front();
  check_sql(document, version.migration_script);
  check_sql(document, version.downgrade_script);
  for (const Method& method : version.methods) check_sql(document, method.body);
  expect(load::checksum(version).size() == 64);
  versions.push_back(version);
  versions.back().number = 2;
  load::check_across(versions, true, complaints);
}

void read_schema(const load::Document& document, load::Complaints& complaints) {
  const load::Reader reader(document, complaints);
  const auto tables = load::read_tables(reader);
  load::read_access(reader, &tables);
  load::read_releases(reader, 40);
  load::read_sizes(reader);
}

void read_settings(const load::Document& document, load::Complaints& complaints) {
  std::vector<std::string> warnings;
  load::read_settings(
      load::Reader(document, complaints), [](const std::string& name) { return name; }, false, warnings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view contents(reinterpret_cast<const char*>(data + 1), size - 1);
  load::Complaints complaints;
  const auto document = load::parse_yaml("0001.yml", contents, complaints);
  expect(document.has_value() || !complaints.empty());
  if (document) {
    switch (static_cast<char>(*data)) {
      case 's':
        read_schema(*document, complaints);
        break;
      case 'c':
        read_settings(*document, complaints);
        break;
      default:
        read_version(*document, complaints);
    }
  }
  for (const load::Complaint& complaint : complaints.all()) {
    expect(complaint.place.line >= 0 && complaint.place.column >= 0);
    expect(!load::to_text(complaint).empty());
  }
  return 0;
}
