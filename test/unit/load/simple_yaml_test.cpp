#include "load/simple_yaml.h"

#include "load/complaints.h"
#include "test/support/catch.h"

using namespace dbtool;
using load::Node;

namespace {

/// Everything that a tree says, positions included.
std::string shown(const Node& node) {
  const std::string place = std::to_string(node.position.line) + ":" + std::to_string(node.position.column) +
                            "@" + std::to_string(node.offset) + " ";
  if (node.kind == Node::Kind::scalar) return place + (node.plain ? "plain " : "quoted ") + node.text;
  std::string text = place + "{";
  for (const load::Entry& entry : node.entries) {
    text += std::to_string(entry.position.line) + ":" + std::to_string(entry.position.column) + " " +
            entry.key + "=" + shown(entry.value) + ";";
  }
  return text + "}";
}

/// What the YAML parser makes of the text: a quoted value at the end sends the reader to it.
std::string parsed(const std::string& text) {
  load::Complaints complaints;
  const auto document = load::parse_yaml("f.yml", text + "\nlast_one: 'quoted'\n", complaints);
  if (!document) return "error";
  Node root = document->root;
  root.entries.pop_back();
  return shown(root);
}

}  // namespace

TEST_CASE("Simple files are read as the YAML parser reads them", "[load]") {
  for (const char* text : {
           "a: b",
           "a: b\nc: d e f\n",
           "# first\n\ntasks:\n  id: text not null\n  # inner\n  tags: text[]   \n\n  price: "
           "numeric(10,2)\nother:\n    x: \"\n",
           "tasks:\n  id: text not null\nworkers:\n  id: integer\n  name: character varying(40)\n",
           "queue:\n  tables:\n    tasks: write\n    x: read\nweb-server:\n  tables: {}\nauth:\n  tables:\n  "
           "  y: read\n",
           "v34: 20\nv35:   21\n",
           "a:\n   b:\n    c: 1\n   d: 2\ne: 3",
           "a: true\nb: 1.5\nc: 2020-01-01",
           "a: {}",
           "a: x, y (z)\n   # after\nb: \"  \n",
           "a: it's b = c <> d; e | f? {g} & h*i % @j $k$ !l `m` ~n ^o \\p\n",
           "a: ''\nb: ''   \nc:\n  d: ''",
           "a: |\n  b\n",
           "a: |\n  b\n\n\nc: |-\n   d\n\n    e: f # g\n   # h\n\n\ni: j\n",
           "a:\n  b: |-\n    begin\n      x;\n    end\n  c: |\n    \tnot this one\"\n",
           "a:\n  b: |-   \n    c \td  \n  \n    \n    'e': [\xc3\xa9\n  f:\n    g: |\n     h\n# i\nj: k\n",
           "a: |-\n  b\n # c\nd: e\n",
           "a:\n  b: |\n    c\n\n\n",
       }) {
    INFO(text);
    const auto root = load::read_simple_mapping(text);
    const bool simple = std::string_view(text).find('"') == std::string_view::npos;
    CHECK(root.has_value() == simple);
    if (root) CHECK(shown(*root) == parsed(text));
  }
}

TEST_CASE("Whatever is not simple is left to the YAML parser", "[load]") {
  for (const char* text : {
           "",
           "# nothing",
           "a",
           "a:",
           "a:\n",
           "a:\nb: c",
           " a: b",
           "a: b\n  c",
           "a: b\n  c: d",
           "a: 'b'",
           "a: \"b\"",
           "a: |\n  b",
           "a: |-\n  b",
           "a: |\n",
           "a: |",
           "a: |\nb: c\n",
           "a: |\n\n  b\n",
           "a: |\n  b\n    \n  c\n",
           "a: |+\n  b\n",
           "a: |2\n  b\n",
           "a: | # b\n  c\n",
           "a: |\n  \tb\n",
           "a: |\n  b\n # c\n  d\n",
           "a: |\n  b\n c\n",
           "a: |\n  b\rc\n",
           "a:\n  b: |\n  c\n",
           "a: b # c",
           "a: b: c",
           "a: [b]",
           "a: {b: c}",
           "- a",
           "a:\n  - b",
           "a:\tb",
           "a:\n\tb: c",
           "a: &x b",
           "a: *x",
           "a: !t b",
           "a: null",
           "a: ~",
           "null: a",
           "~: a",
           "a: b\na: c",
           "a:\n  b: c\n d: e",
           "--- \na: b",
           "a: b\n---\nc: d",
           "? a",
           "<<: a",
           "'a': b",
           "a:b",
           "a : b",
           "1: b",
           "a: -b",
           "a: b\xc3\xa9",
           "a: >\n b",
           "a: b\r\n",
           "a:\n b:\n c: d",
           "a: {}\n  b: c",
           "a: @b",
           "a: b\n...\n",
           "%YAML 1.2\n---\na: b",
       }) {
    INFO(text);
    CHECK_FALSE(load::read_simple_mapping(text));
  }
}
