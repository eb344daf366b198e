#include "catalog/snapshot_line.h"

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "test/support/catch.h"

namespace {

using namespace dbtool;
using catalog::DamagedLine;
using catalog::read_snapshot_line;
using nlohmann::json;

std::string line_complaint(const std::string& line) {
  try {
    read_snapshot_line(line);
    return "";
  } catch (const DamagedLine& error) {
    return error.what();
  }
}

bool is_json(const std::string& line) {
  return json::accept(line);
}

}  // namespace

TEST_CASE("A line of a saved catalog is read", "[catalog]") {
  const catalog::SnapshotLine line = read_snapshot_line(
      R"({"kind":"column","identity":"public.t.a","part_of":["table public.t","column public.p.a"],)"
      R"("facts":{"not null":"yes","type":"text"}})");
  CHECK(line.object.kind == "column");
  CHECK(line.object.identity == "public.t.a");
  CHECK(line.object.part_of == std::vector<std::string>{"table public.t", "column public.p.a"});
  CHECK(line.object.facts == Facts{{"not null", "yes"}, {"type", "text"}});
  CHECK_FALSE(line.gone);
  CHECK(read_snapshot_line(R"({"kind":"index","identity":"public.i","gone":true})").gone);
  CHECK(read_snapshot_line(R"( { "facts" : { } , "identity" : "i" , "kind" : "k" } )").object.facts.empty());
  // Facts in another order than their own come out in order.
  CHECK(read_snapshot_line(R"({"kind":"k","identity":"i","facts":{"b":"2","a":"1"}})").object.facts ==
        Facts{{"a", "1"}, {"b", "2"}});
}

TEST_CASE("Texts of a saved catalog come back as they were, whatever is in them", "[catalog]") {
  const std::vector<std::string> texts{"",
                                       "plain",
                                       "\"quoted\" \\ and / more",
                                       std::string("\0\x01\x1f\x7f", 4),
                                       "line\nline\r\n\ttab\b\f",
                                       "äöü€𝄞 ж 漢",
                                       "ends with \\",
                                       "\\u0041"};
  for (const std::string& text : texts) {
    const json document{
        {"kind", "k"}, {"identity", "i" + text}, {"part_of", {text}}, {"facts", {{"f" + text, text}}}};
    for (const bool ascii : {false, true}) {
      INFO(document.dump(-1, ' ', ascii));
      const catalog::SnapshotLine line = read_snapshot_line(document.dump(-1, ' ', ascii));
      CHECK(line.object.identity == "i" + text);
      CHECK(line.object.part_of == std::vector<std::string>{text});
      CHECK(line.object.facts == Facts{{"f" + text, text}});
    }
  }
}

TEST_CASE("What is wrong with a line of a saved catalog is told with the byte", "[catalog]") {
  CHECK(line_complaint("") == "no '{' at byte 1");
  CHECK(line_complaint(R"({"kind": "index")") == "no '}' at byte 17");
  CHECK(line_complaint(R"({"kind":"index"})") == "no identity at byte 17");
  CHECK(line_complaint(R"({"identity":"i"})") == "no kind at byte 17");
  CHECK(line_complaint(R"({"kind":"k","identity":"i"} x)") == "something behind the end at byte 29");
  CHECK(line_complaint(R"({"kind":"k","identity":"i","fatcs":{}})") == "an unknown key at byte 36");
  CHECK(line_complaint(R"({"kind":"k","kind":"k"})").starts_with("a key twice"));
  CHECK(
      line_complaint(R"({"kind":"k","identity":"i","facts":{"a":"1","a":"2"}})").starts_with("a key twice"));
  CHECK(line_complaint(R"({"kind":"k","identity":"i","gone":maybe})").starts_with("neither true nor false"));
  CHECK(line_complaint(R"({"kind":"k","identity":"i","facts":{"a":1}})").starts_with("no '\"'"));
  CHECK(line_complaint("{\"kind\":\"k\n\"}").starts_with("a control character"));
  CHECK(line_complaint("{\"kind\":\"\xff\"}").starts_with("no UTF-8"));
  CHECK(line_complaint(R"({"kind":"\x"})").starts_with("an unknown escape"));
  CHECK(line_complaint(R"({"kind":"\u00g0"})").starts_with("no hexadecimal digit"));
  CHECK(line_complaint(R"({"kind":"\ud800"})").starts_with("half a character"));
  CHECK(line_complaint(R"({"kind":"\ud800\u0041"})").starts_with("half a character"));
  CHECK(line_complaint(R"({"kind":"\udc00"})").starts_with("half a character"));
}

TEST_CASE("No damage to a line makes another line of it than a JSON parser sees", "[catalog]") {
  const std::string good =
      R"({"kind":"table","identity":"public.\"T\"","part_of":["schema public"],"facts":{"comment":"ä\n\u00e4","owner":"x"}})";
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same damage each time
  const std::string bytes = "\"\\{}[]:,u0aétruefalse \n\x80";
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string line = good;
    for (int edits = 1 + static_cast<int>(random() % 2); edits > 0; --edits) {
      const std::size_t at = random() % line.size();
      switch (random() % 3) {
        case 0:
          line.erase(at, 1 + random() % 4);
          break;
        case 1:
          line[at] = bytes[random() % bytes.size()];
          break;
        default:
          line.insert(at, 1, bytes[random() % bytes.size()]);
          break;
      }
    }
    if (!line_complaint(line).empty()) continue;
    ++accepted;
    INFO(line);
    REQUIRE(is_json(line));
    const json document = json::parse(line);
    const Object object = read_snapshot_line(line).object;
    CHECK(object.kind == document.at("kind").get<std::string>());
    CHECK(object.identity == document.at("identity").get<std::string>());
    if (!document.contains("facts")) continue;
    Facts facts;
    for (const auto& [name, text] : document.at("facts").items()) facts.set(name, text.get<std::string>());
    CHECK(object.facts == facts);
  }
  CHECK(accepted > 100);
}
