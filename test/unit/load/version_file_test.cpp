#include <string>
#include <vector>

#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

const std::string script = R"(migrationScript: |-
  begin
    create table a (id integer);
  end
downgradeScript: |-
  begin
    drop table a;
  end
)";

/// A method, complete, as an entry of `methods:`.
std::string method_without(const std::string& key) {
  std::string text = "methods:\n  f:\n";
  const std::vector<std::pair<std::string, std::string>> lines{
      {"description", "F."},     {"mode", "read"},    {"serviceName", "queue"},
      {"args", "id_in integer"}, {"returns", "void"}, {"body", "begin end"}};
  for (const auto& [name, value] : lines) {
    if (name != key) text += "    " + name + ": " + value + "\n";
  }
  return text;
}

std::string with_online(const std::string& online) {
  return "version: 1\nmethods: {}\n" + script + "online:\n" + online;
}

const std::string declaration = R"(  migration:
    table: a
    key: [id]
    batch: insert into b select * from a where $range$
    complete: select not exists (select from a)
)";

const std::vector<BadFile> bad_files{
    {"an empty file", "", {"versions/0001.yml:1:1: the file is empty; write its keys, or remove it"}},
    {"a file of blanks", " \n\n", {"versions/0001.yml:1:1: the file is empty; write its keys, or remove it"}},
    {"only comments",
     "# nothing\n",
     {"versions/0001.yml:1:1: a version file must be a mapping, not nothing; write `version: 1` and its "
      "other keys"}},
    {"a list",
     "- 1\n",
     {"versions/0001.yml:1:1: a version file must be a mapping, not a list; write `version: 1` and its other "
      "keys"}},
    {"an unknown key",
     "version: 1\nmethods: {}\nowner: me\n",
     {"versions/0001.yml:3:1: `owner` is not a key of a version file; known keys: version, description, "
      "migrationScript, downgradeScript, methods, online, transactional, verify, loses"}},
    {"a misspelt key",
     "verison: 1\nmethods: {}\n",
     {"versions/0001.yml:1:1: `verison` is not a key of a version file; did you mean `version`?",
      "versions/0001.yml:1:1: `version` is missing; write `version: 1`"}},
    {"a duplicate key",
     "version: 1\nmethods: {}\nversion: 1\n",
     {"versions/0001.yml:3:1: the key `version` stands here a second time, first in line 1; remove one of "
      "them"}},
    {"a duplicate method",
     "version: 1\nmethods:\n  f: {deprecated: true}\n  f: {deprecated: true}\n",
     {"versions/0001.yml:3:3: `f` is deprecated, but no earlier version defines it; mend the name, or remove "
      "the entry",
      "versions/0001.yml:4:3: the key `f` stands here a second time, first in line 3; remove one of them"}},
    {"a key that is no text",
     "version: 1\nmethods: {}\n[a]: 1\n",
     {"versions/0001.yml:3:1: a key must be text, not a list; quote it, or mend the line"}},
    {"a merge key where others are missing by it",
     "version: 1\nmethods:\n  f:\n    <<: {mode: read}\n    deprecated: true\n",
     {"versions/0001.yml:3:3: `f` is deprecated, but no earlier version defines it; mend the name, or remove "
      "the entry",
      "versions/0001.yml:4:5: merge keys (`<<`) are not read; write the keys out"}},
    {"a merge key",
     "version: 1\nmethods: {}\n<<: {a: 1}\n",
     {"versions/0001.yml:3:1: merge keys (`<<`) are not read; write the keys out"}},
    {"a tab in the indentation",
     "version: 1\nmethods:\n\tf: {deprecated: true}\n",
     {"versions/0001.yml:3:1: a tab in the indentation; indent with spaces"}},
    {"a tab in a block",
     "version: 1\nmethods: {}\nloses: |\n\tx\n",
     {"versions/0001.yml:4:1: a tab in the indentation; indent with spaces"}},
    {"not UTF-8",
     "version: 1\nmethods: {}\nloses: é\xff\n",
     {"versions/0001.yml:3:9: byte 0xff is not UTF-8; save the file as UTF-8"}},
    {"a control character",
     "version: 1\nmethods: {}\nloses: a\x04\n",
     {"versions/0001.yml:3:9: control character U+0004 in the text; remove it"}},
    {"a syntax error",
     "version: 1\nmethods: {\nloses: x\n",
     {"versions/0001.yml:4:1: not valid YAML: end of map flow not found; check the indentation, quotes and "
      "colons here "
      "and in the lines before"}},
    {"a double quote that is never closed",
     "version: 1\nmethods: {}\ndescription: \"a \\\" b\n\n",
     {"versions/0001.yml:3:14: the quote that begins here is never closed; close it, or see whether the file "
      "was "
      "cut off"}},
    {"a single quote that is never closed",
     "version: 1\nmethods: {}\ndescription: &x 'a '' \" b\n",
     {"versions/0001.yml:3:17: the quote that begins here is never closed; close it, or see whether the file "
      "was "
      "cut off"}},
    {"two documents",
     "version: 1\nmethods: {}\n---\nversion: 1\n",
     {"versions/0001.yml:3:1: a second YAML document begins here; a file holds one"}},
    {"an alias in itself",
     "version: 1\nmethods: &a {f: *a}\n",
     {"versions/0001.yml:2:17: an alias stands inside the value that it names; write the value out"}},
    {"a tag",
     "version: 1\nmethods: !python {}\n",
     {"versions/0001.yml:2:10: the tag `!python` is not known; remove it"}},
    {"no version", "methods: {}\n", {"versions/0001.yml:1:1: `version` is missing; write `version: 1`"}},
    {"another version",
     "version: 2\nmethods: {}\n",
     {"versions/0001.yml:1:10: `version` is 2, but the file's name says 1; make them equal"}},
    {"version 0",
     "version: 0\nmethods: {}\n",
     {"versions/0001.yml:1:10: `version` is 0; it must be 1 to 2147483647"}},
    {"version as text",
     "version: '1'\nmethods: {}\n",
     {"versions/0001.yml:1:10: `version` must be an integer, not text; write a whole number, 1 to "
      "2147483647, without "
      "quotes"}},
    {"no methods",
     "version: 1\n",
     {"versions/0001.yml:1:1: `methods` is missing; write `methods: {}` when there are none"}},
    {"methods without a value",
     "version: 1\nmethods:\n",
     {"versions/0001.yml:2:1: `methods` must be a mapping, not nothing; write `methods: {}` when there are "
      "none"}},
    {"description that is no text",
     "version: 1\nmethods: {}\ndescription: 5\n",
     {"versions/0001.yml:3:14: `description` must be text, not an integer; write '5' in quotes"}},
    {"description without a value",
     "version: 1\nmethods: {}\ndescription:\nloses: x\n",
     {"versions/0001.yml:3:1: `description` has no value; write one, or remove the key"}},
    {"a script that is a list",
     "version: 1\nmethods: {}\nmigrationScript: [a]\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: `migrationScript` must be text, not a list; write one text"}},
    {"only a migration script",
     "version: 1\nmethods: {}\nmigrationScript: begin end\n",
     {"versions/0001.yml:3:1: `migrationScript` without `downgradeScript`; write the script that restores "
      "what this "
      "one changes"}},
    {"only a downgrade script",
     "version: 1\nmethods: {}\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:1: `downgradeScript` without `migrationScript`; write both, or neither"}},
    {"a script that is empty",
     "version: 1\nmethods: {}\nmigrationScript: ''\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: `migrationScript` is empty; write a value, or remove the key"}},
    {"a script that is no block",
     "version: 1\nmethods: {}\nmigrationScript: |\n  -- first\n  create table a ();\ndowngradeScript: begin "
     "end\n",
     {"versions/0001.yml:5:3: `migrationScript` is not a PL/pgSQL block; write `begin … end` around its "
      "statements"}},
    {"a script that commits",
     "version: 1\nmethods: {}\nmigrationScript: |\n  begin\n    commit;\n  end\ndowngradeScript: begin end\n",
     {"versions/0001.yml:5:5: `migrationScript` runs `commit`, but dbtool begins and ends the transactions; "
      "remove it"}},
    {"a script without a transaction that begins one",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: |\n  begin;\n  select 1;\n"
     "downgradeScript: select 1\n",
     {"versions/0001.yml:5:3: `migrationScript` runs `begin`, but dbtool begins and ends the transactions; "
      "remove it"}},
    {"a script without a transaction that begins one in other words",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: |\n  start transaction;\n  select 1;\n "
     " "
     "abort;\ndowngradeScript: select 1\n",
     {"versions/0001.yml:5:3: `migrationScript` runs `start`, but dbtool begins and ends the transactions; "
      "remove it"}},
    {"a side file that is not there",
     "version: 1\nmethods: {}\nmigrationScript: 0001.sql\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: there is no file `0001.sql` in versions/; write the file, or the SQL itself"}},
    {"a misspelt side file",
     "version: 1\nmethods: {}\nmigrationScript: sdie.sql\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: there is no file `sdie.sql` in versions/; did you mean `side.sql`?"}},
    {"a side file in a block",
     "version: 1\nmethods: {}\nmigrationScript: |\n  side.sql\ndowngradeScript: begin end\n",
     {"versions/0001.yml:4:3: `migrationScript` is SQL, but looks like a file's name; write "
      "`migrationScript: "
      "side.sql` on one line"}},
    {"a side file above",
     "version: 1\nmethods: {}\nmigrationScript: ../side.sql\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: `migrationScript` names the file `../side.sql` outside versions/; move the "
      "file there "
      "and write its name alone"}},
    {"a side file anywhere",
     "version: 1\nmethods: {}\nmigrationScript: /etc/passwd\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: `migrationScript` names the file `/etc/passwd` outside versions/; move the "
      "file there "
      "and write its name alone"}},
    {"a side file behind a link",
     "version: 1\nmethods: {}\nmigrationScript: link.sql\ndowngradeScript: begin end\n",
     {"versions/0001.yml:3:18: `link.sql` is a link that leads out of versions/; copy the file there"}},
    {"a side file that is empty",
     "version: 1\nmethods: {}\nmigrationScript: empty.sql\ndowngradeScript: begin end\n",
     {"versions/empty.sql:1:1: the file is empty; write the SQL"}},
    {"a side file that is not UTF-8",
     "version: 1\nmethods: {}\nmigrationScript: latin.sql\ndowngradeScript: begin end\n",
     {"versions/latin.sql:2:4: byte 0xe9 is not UTF-8; save the file as UTF-8"}},
    {"transactional as text",
     "version: 1\nmethods: {}\ntransactional: yes\n" + script,
     {"versions/0001.yml:3:16: `transactional` must be a boolean, not text; write true or false"}},
    {"transactional without a script",
     "version: 1\nmethods: {}\ntransactional: false\n",
     {"versions/0001.yml:3:1: `transactional: false` is about scripts, and there are none; remove it"}},
    {"a block outside a transaction",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: begin end\ndowngradeScript: select 1\n",
     {"versions/0001.yml:4:18: `migrationScript` is a block, but with `transactional: false` scripts are "
      "plain "
      "statements; remove `begin` and its `end`"}},
    {"an index without a name, concurrently",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: |\n  select 1;\n  create index "
     "concurrently on a "
     "(id);\ndowngradeScript: select 1\n",
     {"versions/0001.yml:6:3: an index built concurrently needs a name, to be found again after a fault; "
      "name it"}},
    {"a statement that may not run outside",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: create database x\ndowngradeScript: "
     "select 1\n",
     {"versions/0001.yml:4:18: `create database x`: this statement cannot run in a transaction and is none "
      "of those "
      "that may run outside one; remove it from `migrationScript`"}},
    {"no statement outside a transaction",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: -- none\ndowngradeScript: select 1\n",
     {"versions/0001.yml:4:18: `migrationScript` holds no statement; write one"}},
    {"verify as a list",
     "version: 1\nmethods: {}\nverify: [select true]\n",
     {"versions/0001.yml:3:1: `verify` must be a mapping, not a list; write `upgrade:` and `downgrade:`, "
      "each a list "
      "of queries"}},
    {"verify with one query",
     "version: 1\nmethods: {}\nverify: {upgrade: select true}\n",
     {"versions/0001.yml:3:10: `upgrade` must be a list, not text; write each query as `- select …`"}},
    {"verify with an unknown key",
     "version: 1\nmethods: {}\nverify: {upgade: [select true]}\n",
     {"versions/0001.yml:3:10: `upgade` is not a key of `verify`; did you mean `upgrade`?"}},
    {"verify with what ends the transaction",
     "version: 1\nmethods: {}\nverify:\n  upgrade:\n  - select true\n  - COMMIT\n  downgrade:\n  - |-\n    "
     "-- done\n    "
     "prepare transaction 'x'\n",
     {"versions/0001.yml:6:5: `upgrade` runs `commit`, but dbtool begins and ends the transactions; write a "
      "query",
      "versions/0001.yml:10:5: `downgrade` runs `prepare`, but dbtool begins and ends the transactions; "
      "write a "
      "query"}},
    {"copy from the client, outside a block",
     "version: 1\nmethods: {}\ntransactional: false\nmigrationScript: |\n  create table t (a int);\n  copy t "
     "(a) from stdin;\n  1\n  \\.\ndowngradeScript: |\n  copy (select 1 from stdin) TO STDOUT;\n  copy t "
     "from "
     "'/x'; copy (select a from stdin) to program 'cat'\n",
     {"versions/0001.yml:6:3: `migrationScript` copies from or to the client, and dbtool has no data to "
      "give; "
      "write `insert`, or copy a file of the server",
      "versions/0001.yml:10:3: `downgradeScript` copies from or to the client, and dbtool has no data to "
      "give; "
      "write `insert`, or copy a file of the server"}},
    {"copy from the client, in a block",
     "version: 1\nmethods: {}\nmigrationScript: |\n  begin\n    create table t (a int);\n    if true then\n"
     "      Copy t From stdin;\n    end if;\n  end\ndowngradeScript: begin drop table t; end\n",
     {"versions/0001.yml:7:7: `migrationScript` copies from or to the client, and dbtool has no data to "
      "give; "
      "write `insert`, or copy a file of the server"}},
    {"verify that copies to the client",
     "version: 1\nmethods: {}\nverify:\n  upgrade:\n  - copy (select true) to stdout\n",
     {"versions/0001.yml:5:5: `upgrade` copies from or to the client, and dbtool has no data to give; "
      "write a query"}},
    {"verify with nothing",
     "version: 1\nmethods: {}\nverify: {upgrade: []}\n",
     {"versions/0001.yml:3:10: `upgrade` is empty; write a query, or remove it"}},
    {"verify that changes rows",
     "version: 1\nmethods: {}\nverify:\n  upgrade:\n  - |-\n    -- once\n    with x as (insert into t values "
     "(1) "
     "returning true as b)\n    select b from x\n  - update t set a = 1 returning true\n  - select true into "
     "u\n  - drop table t\n  - select exists (select from inserted where word = 'delete')\n  - values "
     "(true)\n"
     "  - show is_superuser\n  - (table x)\n  - sulect true\n",
     {"versions/0001.yml:7:5: `upgrade` changes the database, and is there to look at it; write a query that "
      "changes nothing",
      "versions/0001.yml:9:5: `upgrade` changes the database, and is there to look at it; write a query that "
      "changes nothing",
      "versions/0001.yml:10:5: `upgrade` changes the database, and is there to look at it; write a query "
      "that "
      "changes nothing",
      "versions/0001.yml:11:5: `upgrade` changes the database, and is there to look at it; write a query "
      "that "
      "changes nothing"}},
    {"verify with a number",
     "version: 1\nmethods: {}\nverify: {upgrade: [1]}\n",
     {"versions/0001.yml:3:20: `upgrade` must be text, not an integer; write '1' in quotes"}},
    {"loses that is no text",
     "version: 1\nmethods: {}\nloses: true\n",
     {"versions/0001.yml:3:8: `loses` must be text, not a boolean; write 'true' in quotes"}},
};

const std::vector<BadFile> bad_methods{
    {"a name in upper case",
     "version: 1\nmethods:\n  F: {deprecated: true}\n",
     {"versions/0001.yml:3:3: `F` cannot be a function's name; write lower-case letters, digits and _, not "
      "beginning "
      "with a digit, at most 63",
      "versions/0001.yml:3:3: `F` is deprecated, but no earlier version defines it; mend the name, or remove "
      "the "
      "entry"}},
    {"a method that is text",
     "version: 1\nmethods:\n  f: begin end\n",
     {"versions/0001.yml:3:3: `f` must be a mapping, not text; write its keys below it"}},
    {"a misspelt key of a method",
     "version: 1\n" + method_without("mode") + "    mod: read\n",
     {"versions/0001.yml:3:3: `mode` of `f` is missing; write `mode: …`",
      "versions/0001.yml:9:5: `mod` is not a key of a method; did you mean `mode`?"}},
    {"no description",
     "version: 1\n" + method_without("description"),
     {"versions/0001.yml:3:3: `description` of `f` is missing; write `description: …`"}},
    {"no service",
     "version: 1\n" + method_without("serviceName"),
     {"versions/0001.yml:3:3: `serviceName` of `f` is missing; write `serviceName: …`"}},
    {"no arguments",
     "version: 1\n" + method_without("args"),
     {"versions/0001.yml:3:3: `args` of `f` is missing; write `args: ''` when it takes none"}},
    {"arguments without a value",
     "version: 1\n" + method_without("args") + "    args:\n",
     {"versions/0001.yml:9:5: `args` has no value; write '' for an empty one"}},
    {"no return type",
     "version: 1\n" + method_without("returns"),
     {"versions/0001.yml:3:3: `returns` of `f` is missing; write `returns: …`"}},
    {"no body",
     "version: 1\n" + method_without("body"),
     {"versions/0001.yml:3:3: `body` of `f` is missing; write `body: …`"}},
    {"a body that is no block",
     "version: 1\n" + method_without("body") + "    body: select 1\n",
     {"versions/0001.yml:9:11: `body` is not a PL/pgSQL block; write `begin … end`"}},
    {"another mode",
     "version: 1\n" + method_without("mode") + "    mode: readwrite\n",
     {"versions/0001.yml:9:11: `mode` is `readwrite`; write read or write"}},
    {"an impossible service",
     "version: 1\n" + method_without("serviceName") + "    serviceName: Web Server\n",
     {"versions/0001.yml:9:18: `serviceName` is `Web Server`; write lower-case letters, digits, - and _"}},
    {"deprecated as text",
     "version: 1\n" + method_without("") + "    deprecated: 'true'\n",
     {"versions/0001.yml:10:17: `deprecated` must be a boolean, not text; write true or false"}},
    {"deprecated, with a body only",
     "version: 1\nmethods:\n  f: {deprecated: true, body: begin end}\n",
     {"versions/0001.yml:3:3: `mode` of `f` is missing; write `mode: …`",
      "versions/0001.yml:3:3: `serviceName` of `f` is missing; write `serviceName: …`",
      "versions/0001.yml:3:3: `args` of `f` is missing; write `args: ''` when it takes none",
      "versions/0001.yml:3:3: `returns` of `f` is missing; write `returns: …`"}},
};

const std::vector<BadFile> bad_online{
    {"online that is empty",
     "version: 1\nmethods: {}\nonline: {}\n",
     {"versions/0001.yml:3:1: `online` is empty; write `migration:` or `downgrade:`, or remove it"}},
    {"a misspelt direction",
     with_online("  migraton: {}\n"),
     {"versions/0001.yml:12:3: `migraton` is not a key of `online`; did you mean `migration`?"}},
    {"a declaration without keys",
     with_online("  migration: {}\n"),
     {"versions/0001.yml:12:3: `table` of `online: migration` is missing; write `table: …`",
      "versions/0001.yml:12:3: `key` of `online: migration` is missing; write `key: …`",
      "versions/0001.yml:12:3: `batch` of `online: migration` is missing; write `batch: …`",
      "versions/0001.yml:12:3: `complete` of `online: migration` is missing; write `complete: …`"}},
    {"a key of dbtool.yml",
     with_online(declaration + "    throttle: {}\n"),
     {"versions/0001.yml:17:5: `throttle` is not a key of `online: migration`; known keys: table, key, "
      "batch, "
      "complete, verify"}},
    {"a key that is no list",
     with_online("  migration: {table: a, key: id, batch: select $range$, complete: select true}\n"),
     {"versions/0001.yml:12:25: `key` must be a list, not text; write the columns of a unique index in [ ]"}},
    {"a column twice",
     with_online("  migration: {table: a, key: [id, id], batch: select $range$, complete: select true}\n"),
     {"versions/0001.yml:12:35: the column `id` stands twice in `key`; write each once"}},
    {"a batch without a range",
     with_online("  migration: {table: a, key: [id], batch: select 1, complete: select true}\n"),
     {"versions/0001.yml:12:36: `batch` has no `$range$` or `$range:alias$`; a batch works on one key "
      "range"}},
    {"a misspelt range",
     with_online("  migration:\n    table: a\n    key: [id]\n    complete: select true\n    batch: |\n      "
                 "select\n      "
                 "where $range e$\n"),
     {"versions/0001.yml:18:13: `batch`: a misspelt range; write `$range$`, or `$range:alias$` with the "
      "table's alias"}},
    {"complete with a range",
     with_online("  migration: {table: a, key: [id], batch: select $range$, complete: select $range$}\n"),
     {"versions/0001.yml:12:59: `complete` is asked about the whole table; remove the range"}},
    {"half a verify",
     with_online(declaration + "    verify: {source: select $range$}\n"),
     {"versions/0001.yml:17:5: `copy` of `verify` is missing; write both queries, or remove `verify`"}},
    {"verify without a range",
     with_online(declaration + "    verify: {source: select $range$, copy: select 1}\n"),
     {"versions/0001.yml:17:38: `copy` has no `$range$` or `$range:alias$`; it is compared range by range, "
      "so write "
      "where the range goes"}},
    {"both ways at once",
     "version: 1\nmethods: {}\nmigrationScript: |\n  begin\n    create or replace /* x */ function\n      "
     "online_migration_v1_batch(batch_size_in integer, state_in jsonb)\n      returns table (count integer, "
     "state "
     "jsonb) as $$ begin end $$ language plpgsql;\n  end\ndowngradeScript: begin end\nonline:\n" +
         declaration,
     {"versions/0001.yml:10:1: `online` is declared, and a script creates online_migration_v1_batch; a "
      "version has one "
      "of the two ways, remove the other"}},
};

void check_files(const std::vector<BadFile>& cases) {
  for (const BadFile& bad : cases) {
    INFO(bad.rule);
    const ProjectFiles files;
    write_minimal(files);
    files.write("versions/0001.yml", bad.contents);
    files.write("versions/side.sql", "begin end");
    files.write("versions/empty.sql", "\n");
    files.write("versions/latin.sql", "begin\n  -\xe9\nend");
    files.write("outside.sql", "begin end");
    std::filesystem::create_symlink("../outside.sql", files.path() / "versions/link.sql");
    CHECK(complaints_about(files) == bad.complaints);
  }
}

}  // namespace

TEST_CASE("Each rule of a version file has its complaint", "[load]") {
  check_files(bad_files);
}

TEST_CASE("Each rule of a method has its complaint", "[load]") {
  check_files(bad_methods);
}

TEST_CASE("Each rule of a declared online migration has its complaint", "[load]") {
  check_files(bad_online);
}

TEST_CASE("A declared online migration is read", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write(
      "versions/0001.yml",
      with_online(declaration + "    verify:\n      source: select $range:a$\n      copy: select $range$\n"));
  const Project project = load_files(files);
  const auto& online = project.version(1).online_migration;
  REQUIRE(online);
  CHECK(online->table == "a");
  CHECK(online->key == std::vector<std::string>{"id"});
  CHECK(online->batch.text == "insert into b select * from a where $range$");
  CHECK(online->complete.text == "select not exists (select from a)");
  CHECK(online->verify_source->text == "select $range:a$");
  CHECK(to_text(online->place) == "versions/0001.yml:12:3");
  CHECK_FALSE(project.version(1).online_downgrade);
}

TEST_CASE("A line of SQL whose last comment names a file is SQL", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0001.yml",
              "version: 1\nmethods: {}\nmigrationScript: begin perform 1; end -- undone by down.sql\n"
              "downgradeScript: |\n  begin end -- undoes up.sql\n");
  const Project project = load_files(files);
  CHECK(project.version(1).migration_script->text == "begin perform 1; end -- undone by down.sql");
  CHECK(project.version(1).downgrade_script->text == "begin end -- undoes up.sql\n");
}

TEST_CASE("Aliases that stand for very much are an alias bomb", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  std::string bomb = "version: 1\nmethods: {}\na0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 8; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  files.write("versions/0001.yml", bomb);
  const auto complaints = complaints_about(files);
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].find("an alias bomb?") != std::string::npos);
}

TEST_CASE("All complaints of a directory come in one run, in order", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0001.yml", "version: 1\nmethods: {\n");
  files.write("versions/0002.yml", "version: 3\nmehtods: {}\n");
  files.write("schema/tables.yml", "a: {id: 5}\n");
  files.write("dbtool.yml", "nmae: x\n");
  CHECK(complaints_about(files) ==
        std::vector<std::string>{
            "dbtool.yml:1:1: `nmae` is not a key of dbtool.yml; did you mean `name`?",
            "schema/tables.yml:1:9: `id` must be text, not an integer; write '5' in quotes",
            "versions/0001.yml:3:1: not valid YAML: end of map flow not found; check the indentation, quotes "
            "and colons "
            "here and in the lines before",
            "versions/0002.yml:1:1: `methods` is missing; write `methods: {}` when there are none",
            "versions/0002.yml:1:10: `version` is 3, but the file's name says 2; make them equal",
            "versions/0002.yml:2:1: `mehtods` is not a key of a version file; did you mean `methods`?"});
}

TEST_CASE("a script that ends its own transaction can be judged, and not be run", "[load]") {
  const ProjectFiles files;
  files.write("versions/0001.yml",
              "version: 1\nmethods: {}\nmigrationScript: |\n  begin\n    commit;\n  end\n"
              "downgradeScript: begin end\n");
  files.write("schema/tables.yml", "{}\n");
  files.write("schema/access.yml", "{}\n");
  const auto nothing = [](const std::string&) { return std::nullopt; };
  CHECK_THROWS_AS(load::load_project(files.path(), nothing), load::LoadError);
  CHECK(load::load_project(files.path(), nothing, load::Purpose::judge).versions.size() == 1);
  files.write("versions/0001.yml",
              "version: 1\nmethods: {}\nmigrationScript: |\n  commit;\n"
              "downgradeScript: begin end\n");
  CHECK_THROWS_AS(load::load_project(files.path(), nothing, load::Purpose::judge), load::LoadError);
}

TEST_CASE("A control character is refused in every text, however it is written", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0001.yml",
              "version: 1\nmethods: {}\ndescription: \"a\\tb\\r\\n\\u00e9\\N\"\nloses: "
              "\"a\\0b\"\n\"v\\x01\": 1\nverify:\n"
              "  upgrade: [\"select true\\x00 and false\", &a \"\\e\", *a]\n");
  CHECK(complaints_about(files) ==
        std::vector<std::string>{
            "versions/0001.yml:4:8: control character U+0000 in the text, written as an escape; remove it",
            "versions/0001.yml:5:1: control character U+0001 in the text, written as an escape; remove it",
            "versions/0001.yml:7:13: control character U+0000 in the text, written as an escape; remove it",
            "versions/0001.yml:7:42: control character U+001B in the text, written as an escape; remove it"});
}
