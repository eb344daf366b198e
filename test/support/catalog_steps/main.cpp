// Reads a database's whole catalog, and again at each line of its input, and prints what has changed since
// the last time, folded, then a line with a dot: `missing KIND IDENTITY`, `extra KIND IDENTITY`, `renamed
// KIND IDENTITY to IDENTITY` or `KIND IDENTITY: FACT`, each with a tab and the values. A change that reads
// otherwise from the other side is a line `not the same from the other side`.
//
// Other orders: `keep NAME` reads the catalog and remembers it, `open URL` goes to another database, `compare
// EXPECTED LIVE` prints the differences of two catalogs, and `mend EXPECTED LIVE FILE` writes the script that
// mends them, and prints what it cannot do as `OBJECT`, a tab and the reason.
//
// usage: catalog_steps URL USER_PREFIX VERSION_TABLE
#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "catalog/fold.h"
#include "catalog/full.h"
#include "catalog/mend.h"
#include "catalog/renamed.h"
#include "pg/connection.h"

namespace {

using namespace dbtool;

std::string line(const catalog::Difference& difference, bool reversed) {
  const Object& object = difference.expected != nullptr ? *difference.expected : *difference.found;
  const std::string name = object.kind + " " + object.identity;
  if (difference.found == nullptr) return (reversed ? "extra " : "missing ") + name;
  if (difference.expected == nullptr) return (reversed ? "missing " : "extra ") + name;
  return name + ": " + difference.fact;
}

/// The same whichever side it is seen from.
std::string line(const catalog::Change& change, bool reversed) {
  if (change.renamed == nullptr) return line(change.difference, reversed);
  const Object& expected = *change.difference.expected;
  const Object& from = reversed ? *change.renamed : expected;
  const Object& to = reversed ? expected : *change.renamed;
  return "renamed " + from.kind + " " + from.identity + " to " + to.identity;
}

std::string values(const catalog::Difference& difference) {
  if (difference.expected == nullptr || difference.found == nullptr) return "";
  std::string text = "\t" + std::string(difference.expected->facts.text(difference.fact)) + " => " +
                     std::string(difference.found->facts.text(difference.fact));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::vector<std::string> lines(const Catalog& before, const Catalog& after, bool reversed) {
  std::vector<std::string> lines;
  Catalog named = after;
  for (const catalog::Renaming& one : catalog::take_expected_names(before, named).list)
    lines.push_back(line({{one.expected, nullptr, {}}, {}, &one.live}, reversed));
  for (const catalog::Change& change : catalog::fold(catalog::diff_full(before, named)))
    lines.push_back(line(change, reversed));
  std::sort(lines.begin(), lines.end());
  return lines;
}

void print_changes(const Catalog& before, const Catalog& after) {
  Catalog named = after;
  for (const catalog::Renaming& one : catalog::take_expected_names(before, named).list)
    std::cout << line({{one.expected, nullptr, {}}, {}, &one.live}, false) << '\n';
  for (const catalog::Change& change : catalog::fold(catalog::diff_full(before, named)))
    std::cout << line(change, false) << values(change.difference) << '\n';
  if (lines(before, after, false) != lines(after, before, true))
    std::cout << "not the same from the other side\n";
  std::cout << '.' << std::endl;
}

using Kept = std::map<std::string, Catalog>;

void compare(const Catalog& expected, const Catalog& live) {
  for (const catalog::Difference& difference : catalog::diff_full(expected, live))
    std::cout << line(difference, false) << values(difference) << '\n';
}

void mend(const Catalog& expected, Catalog live, catalog::MendRequest request, const std::string& file) {
  const catalog::Renamed renamed = catalog::take_expected_names(expected, live);
  request.expected = expected;
  request.live = live;
  request.renamed = renamed.list;
  const std::vector<catalog::Mend> mends = catalog::mend(catalog::diff_full(expected, live), request);
  std::ofstream(file) << catalog::to_sql(mends, catalog::Losses::run);
  for (const catalog::Mend& each : mends) {
    if (!each.impossible.empty()) std::cout << each.object << '\t' << each.impossible << '\n';
  }
}

/// Whether it was one of the orders that have words behind them.
bool obey(const std::string& order, std::optional<pg::Connection>& connection,
          const catalog::FullRequest& request, Kept& kept) {
  std::istringstream words(order);
  std::string verb;
  std::string first;
  std::string second;
  std::string file;
  words >> verb >> first >> second >> file;
  if (verb == "keep") {
    kept[first] = catalog::read_full(*connection, request);
  } else if (verb == "open") {
    connection.reset();
    connection.emplace(pg::Connection::open({first}));
  } else if (verb == "compare") {
    compare(kept.at(first), kept.at(second));
  } else if (verb == "mend") {
    mend(kept.at(first), kept.at(second),
         {connection->user(), request.user_prefix, connection->server_version(), {}, {}}, file);
  } else {
    return false;
  }
  std::cout << '.' << std::endl;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    std::optional<pg::Connection> connection(pg::Connection::open({argv[1]}));
    Kept kept;
    catalog::FullRequest request;
    request.user_prefix = argv[2];
    request.version_table = argv[3];
    Catalog before = catalog::read_full(*connection, request);
    catalog::KnownFunctions known;
    catalog::read_full(*connection, request, &known);
    std::cout << '.' << std::endl;
    for (std::string order; std::getline(std::cin, order);) {
      if (obey(order, connection, request, kept)) {
        if (order.starts_with("open ")) known = {};
        continue;
      }
      Catalog after = catalog::read_full(*connection, request);
      if (!catalog::diff_full(after, catalog::read_full(*connection, request, &known)).empty())
        std::cout << "not what a reading sees that knows the one before\n";
      if (order == "show") {
        for (const Object& object : after) {
          std::cout << object.kind << ' ' << object.identity << '\n';
          for (const auto& [name, text] : object.facts) std::cout << "  " << name << ": " << text << '\n';
        }
      }
      print_changes(before, after);
      before = std::move(after);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
