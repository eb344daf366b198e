#include "load/yaml.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"
#include "load/scalar.h"
#include "load/scalar_place.h"
#include "load/simple_yaml.h"

namespace dbtool::load {

namespace {

/// Bytes that aliases of one file may stand for: more than any real file, and little enough to be harmless.
constexpr std::size_t alias_limit = std::size_t{4} * 1024 * 1024;

/// Thrown through the parser to leave it; the complaint has been made.
struct Abandoned {};

int to_int(std::size_t value) {
  return static_cast<int>(value);
}

/// Characters that no text may hold; the server takes none with a NUL in it.
bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

/// The first of them; at the end: none.
std::string_view::const_iterator find_control(std::string_view text) {
  return std::find_if(text.begin(), text.end(), is_control);
}

/// Memory that a copy of the node takes, roughly.
std::size_t weight(const Node& node) {
  std::size_t sum = 64 + node.text.size();
  for (const Node& item : node.items) sum += weight(item);
  for (const Entry& entry : node.entries) sum += 64 + entry.key.size() + weight(entry.value);
  return sum;
}

/// Builds the tree from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Document& document, Complaints& complaints) : document_(document), complaints_(complaints) {}

  /// True when a document was seen.
  bool started() const { return started_; }
  /// Where the last scalar begins, key or value; 0 when there is none.
  std::size_t last_scalar() const { return last_scalar_; }
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override { started_ = true; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node = make(Node::Kind::null, mark);
    // The parser's mark of an absent value is that of whatever comes next.
    if (!frames_.empty() && frames_.back().key_is_read) node.position = frames_.back().key_position;
    if (frames_.empty()) node.position = {1, 1};
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) {
      complaints_.add(place(mark), "an alias stands inside the value that it names; write the value out");
      throw Abandoned{};
    }
    charge(found->second, mark);
    Node copy = found->second;
    copy.position = position(mark);
    finish(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    Node node = make(Node::Kind::scalar, mark);
    node.plain = tag == "?";
    node.text = value;
    last_scalar_ = node.offset;
    check_escapes(node);
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override {
    check_duplicates(frames_.back().node);
    close();
  }

 private:
  /// A collection that is not closed yet.
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool key_is_read = false;
    bool key_is_refused = false;  ///< complained about: the entry is left out
    std::string key;
    Position key_position;
  };

  Position position(const YAML::Mark& mark) const {
    const auto pos = std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), document_.text.size());
    const auto column = std::min(static_cast<std::size_t>(std::max(mark.column, 0)), pos);
    const std::string_view before = std::string_view(document_.text).substr(pos - column, column);
    return {mark.line + 1, to_int(count_characters(before)) + 1};
  }

  Place place(const YAML::Mark& mark) const { return document_.place(position(mark)); }

  Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.position = position(mark);
    node.offset = std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), document_.text.size());
    check_tab(node);
    return node;
  }

  /// Complains once a line about a tab before the first value of the line.
  void check_tab(const Node& node) {
    if (node.position.line <= tab_checked_line_) return;
    tab_checked_line_ = node.position.line;
    const std::string_view text = document_.text;
    const std::size_t end_of_last =
        node.offset == 0 ? std::string_view::npos : text.rfind('\n', node.offset - 1);
    const std::size_t begin = end_of_last == std::string_view::npos ? 0 : end_of_last + 1;
    for (std::size_t at = begin; at < node.offset && (text[at] == ' ' || text[at] == '\t'); ++at) {
      if (text[at] != '\t') continue;
      complaints_.add({document_.file, node.position.line, to_int(at - begin) + 1},
                      "a tab in the indentation; indent with spaces");
      return;
    }
  }

  // As it stands in the file there is none (check_characters).
  void check_escapes(const Node& node) {
    const std::string_view text = node.text;
    const auto control = find_control(text);
    if (control == text.end()) return;
    complaints_.add(document_.place(node.position),
                    fmt::format("control character U+{:04X} in the text, written as an escape; remove it",
                                static_cast<unsigned>(*control)));
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (tag.starts_with("tag:yaml.org,2002:")) return;
    complaints_.add(place(mark), fmt::format("the tag `{}` is not known; remove it", tag));
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    Frame frame;
    frame.node = make(kind, mark);
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    finish(std::move(frame.node), frame.anchor);
  }

  void finish(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      charge(node, {});
      anchored_[anchor] = node;
    }
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == Node::Kind::sequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.key_is_read) {
      take_key(frame, std::move(node));
    } else {
      if (!frame.key_is_refused)
        frame.node.entries.push_back({std::move(frame.key), frame.key_position, std::move(node)});
      frame.key_is_read = false;
    }
  }

  void take_key(Frame& frame, Node node) {
    const std::size_t before = complaints_.all().size();
    if (node.kind != Node::Kind::scalar) {
      complaints_.add(document_.place(node.position),
                      fmt::format("a key must be text, not {}; quote it, or mend the line", describe(node)));
    } else if (node.plain && node.text == "<<") {
      complaints_.add(document_.place(node.position), "merge keys (`<<`) are not read; write the keys out");
    }
    const std::string_view text = node.text;  // of controls in it was told before
    frame.key_is_refused = complaints_.all().size() > before || find_control(text) != text.end();
    frame.key_is_read = true;
    frame.key = std::move(node.text);
    frame.key_position = node.position;
  }

  void check_duplicates(Node& mapping) {
    std::unordered_map<std::string_view, Position> seen;
    seen.reserve(mapping.entries.size());
    bool duplicate = false;
    for (const Entry& entry : mapping.entries) {
      const auto [first, is_new] = seen.emplace(entry.key, entry.position);
      if (is_new) continue;
      duplicate = true;
      complaints_.add(
          document_.place(entry.position),
          fmt::format("the key `{}` stands here a second time, first in line {}; remove one of them",
                      shorten(entry.key), first->second.line));
    }
    if (!duplicate) return;
    // Keep the first of each, so that later rules see unique keys.
    std::vector<Entry> unique;
    for (Entry& entry : mapping.entries) {
      const bool known = std::any_of(unique.begin(), unique.end(),
                                     [&](const Entry& other) { return other.key == entry.key; });
      if (!known) unique.push_back(std::move(entry));
    }
    mapping.entries = std::move(unique);
  }

  void charge(const Node& node, const YAML::Mark& mark) {
    expanded_ += weight(node);
    if (expanded_ <= alias_limit) return;
    complaints_.add(mark.pos > 0 ? place(mark) : document_.place(node.position),
                    "aliases stand for more than 4 MiB in all (an alias bomb?); write the values out");
    throw Abandoned{};
  }

  const Document& document_;
  Complaints& complaints_;
  bool started_ = false;
  std::size_t last_scalar_ = 0;
  int tab_checked_line_ = 0;
  Node root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Node> anchored_;
  std::size_t expanded_ = 0;
};

/// The parser's message, with what to do about it.
std::string explain(const std::string& message, std::string_view line) {
  const std::size_t indent = line.find_first_not_of(" \t");
  const std::string_view leading = line.substr(0, indent == std::string_view::npos ? line.size() : indent);
  if (leading.find('\t') != std::string_view::npos) return "a tab in the indentation; indent with spaces";
  const bool about_structure = message.starts_with("end of map") || message.starts_with("end of sequence") ||
                               message.starts_with("illegal map");
  return fmt::format("not valid YAML: {}; {}", message,
                     about_structure ? "check the indentation, quotes and colons here and in the lines before"
                                     : "mend the line, or quote the value");
}

void complain_about_syntax(const Document& document, const YAML::Exception& error, Complaints& complaints) {
  if (error.mark.is_null()) {
    complaints.add({document.file, 0, 0}, explain(error.msg, ""));
    return;
  }
  const auto lines = split_lines(document.text);
  const auto index = static_cast<std::size_t>(error.mark.line);
  const std::string_view line = index < lines.size() ? lines[index] : std::string_view{};
  const std::size_t column = std::min(static_cast<std::size_t>(error.mark.column), line.size());
  const int character = to_int(count_characters(line.substr(0, column))) + 1;
  const std::string text = explain(error.msg, line);
  // The tab may have been found before the parser stumbled over it.
  const auto& others = complaints.all();
  const bool known = std::any_of(others.begin(), others.end(), [&](const Complaint& other) {
    return other.place.line == error.mark.line + 1 && other.text == text;
  });
  if (known) return;
  complaints.add({document.file, error.mark.line + 1, character}, text);
}

/// Whether another document follows the one that was read.
void check_single(YAML::Parser& parser, const Document& document, Complaints& complaints) {
  struct Probe final : YAML::EventHandler {
    int line = 0;
    void OnDocumentStart(const YAML::Mark& mark) override {
      line = mark.line + 1;
      throw Abandoned{};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
  } probe;
  try {
    parser.HandleNextDocument(probe);
  } catch (const Abandoned&) {
    complaints.add({document.file, probe.line, 1}, "a second YAML document begins here; a file holds one");
  }
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::string unify_line_ends(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string unified;
  unified.reserve(text.size());
  while (true) {
    const std::size_t end = text.find("\r\n");
    unified += text.substr(0, end);
    if (end == std::string_view::npos) return unified;
    unified += '\n';
    text.remove_prefix(end + 2);
  }
}

bool check_characters(const std::string& file, std::string_view text, Complaints& complaints) {
  const auto place_of = [&](std::size_t offset) {
    return SqlText{std::string(text.substr(0, offset)), {file, 1, 1}, 0}.locate(offset);
  };
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    complaints.add(place_of(bad), fmt::format("byte 0x{:02x} is not UTF-8; save the file as UTF-8",
                                              static_cast<unsigned char>(text[bad])));
    return false;
  }
  const auto control = find_control(text);
  if (control == text.end()) return true;
  complaints.add(
      place_of(static_cast<std::size_t>(control - text.begin())),
      fmt::format("control character U+{:04X} in the text; remove it", static_cast<unsigned>(*control)));
  return false;
}

std::optional<Document> parse_yaml(const std::string& file, std::string_view contents,
                                   Complaints& complaints) {
  Document document{file, unify_line_ends(contents), {}};
  if (!check_characters(file, document.text, complaints)) return std::nullopt;
  if (trim(document.text).empty()) {
    complaints.add({file, 1, 1}, "the file is empty; write its keys, or remove it");
    return std::nullopt;
  }
  if (std::optional<Node> root = read_simple_mapping(document.text)) {
    document.root = std::move(*root);
    return document;
  }
  std::istringstream stream(document.text);
  Builder builder(document, complaints);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (!check_quote(document, builder.last_scalar(), complaints)) return std::nullopt;
    if (builder.started()) check_single(parser, document, complaints);
  } catch (const YAML::Exception& error) {
    complain_about_syntax(document, error, complaints);
    return std::nullopt;
  } catch (const Abandoned&) {
    return std::nullopt;
  }
  document.root = builder.take_root();
  if (!builder.started()) document.root.position = {1, 1};
  return document;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    case Node::Kind::scalar:
      break;
  }
  if (!node.plain) return "text";
  return describe_plain(node.text);
}

}  // namespace dbtool::load
