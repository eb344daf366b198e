#include "cli/parse.h"

#include "cli/global_options.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::cli;

namespace {

std::vector<Command> commands() {
  Command upgrade;
  upgrade.name = "upgrade";
  upgrade.operands = {{"GOAL", "a version"}};
  upgrade.options = {{"dry-run", 'n', "", "only show"}, {"from", 0, "N", "start there"}};
  Command local;
  local.name = "local";
  local.operands = {{"ACTION", "what", true, false, {"stop", "psql"}}, {"WORD", "more", false, true}};
  Command call;
  call.name = "call";
  call.operands = {{"FUNCTION", "which", true}, {"NAME=VALUE", "arguments", false, true}};
  return {upgrade, local, call};
}

struct Parsed {
  std::string command;
  Arguments arguments;
};

Parsed parse_words(const std::vector<std::string>& words) {
  const auto all = commands();
  const Invocation invocation = parse(all, global_options(), words);
  return {invocation.command == nullptr ? "" : invocation.command->name, invocation.arguments};
}

std::string parse_complaint(const std::vector<std::string>& words) {
  try {
    parse_words(words);
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("global options stand before and after the command", "[cli]") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--url", "x", "upgrade", "20", "-n"},
                                                                 {"upgrade", "--url", "x", "--dry-run", "20"},
                                                                 {"upgrade", "20", "-n", "--url=x"}}) {
    const Parsed parsed = parse_words(words);
    CHECK(parsed.command == "upgrade");
    CHECK(parsed.arguments.text("url") == "x");
    CHECK(parsed.arguments.integer("GOAL") == 20);
    CHECK(parsed.arguments.has("dry-run"));
    CHECK(!parsed.arguments.has("from"));
  }
}

TEST_CASE("operands may look like commands, and after -- like options", "[cli]") {
  const Parsed call = parse_words({"call", "upgrade", "a=1", "b=-x", "c="});
  CHECK(call.command == "call");
  CHECK(call.arguments.text("FUNCTION") == "upgrade");
  CHECK(call.arguments.texts("NAME=VALUE") == std::vector<std::string>{"a=1", "b=-x", "c="});
  const Parsed local = parse_words({"local", "psql", "--", "-c", "select 1"});
  CHECK(local.arguments.texts("WORD") == std::vector<std::string>{"-c", "select 1"});
}

TEST_CASE("repeatable options keep all values in order", "[cli]") {
  const Parsed parsed = parse_words({"--extension", "a", "upgrade", "--extension=b"});
  CHECK(parsed.arguments.texts("extension") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("wrong words get the nearest right one", "[cli]") {
  CHECK(parse_complaint({"upgarde", "20"}) == "unknown command 'upgarde'; did you mean upgrade?");
  CHECK(parse_complaint({"upgrade", "--frm", "3"}) == "unknown option --frm; did you mean --from?");
  CHECK(parse_complaint({"upgrade", "--locktimeout=3"}) ==
        "unknown option --locktimeout; did you mean --lock-timeout?");
  CHECK(parse_complaint({"local", "psq"}) == "ACTION: 'psq' is none of stop, psql; did you mean psql?");
  CHECK(parse_complaint({"upgrade", "--format", "jsn"}) ==
        "--format: 'jsn' is none of text, json; did you mean json?");
}

TEST_CASE("wrong usage is refused with its reason", "[cli]") {
  CHECK(parse_complaint({"upgrade", "20", "21"}) == "dbtool upgrade does not take '21'");
  CHECK(parse_complaint({"call"}) == "dbtool call needs FUNCTION");
  CHECK(parse_complaint({"local"}) == "dbtool local needs ACTION: stop, psql");
  CHECK(parse_complaint({"--url", "a", "upgrade", "--url", "b"}) == "--url is given twice");
  CHECK(parse_complaint({"upgrade", "--from"}) == "--from needs N: start there");
  CHECK(parse_complaint({"upgrade", "--url"}).find("--url needs URL: ") == 0);
  CHECK(parse_complaint({"local", "--dry-run", "stop"}) ==
        "unknown option --dry-run; it is one of: dbtool upgrade");
  CHECK_THROWS_AS(parse_words({"upgrade", "x"}).arguments.integer("GOAL"), Error);
  CHECK_THROWS_AS(parse_words({"upgrade", "20x"}).arguments.integer("GOAL"), Error);
  CHECK_THROWS_AS(parse_words({"upgrade", "99999999999"}).arguments.integer("GOAL"), Error);
}

TEST_CASE("help asks for no operand", "[cli]") {
  CHECK(parse_words({"call", "--help"}).arguments.has("help"));
  CHECK(parse_words({"-h"}).command.empty());
  CHECK(parse_words({}).command.empty());
}
