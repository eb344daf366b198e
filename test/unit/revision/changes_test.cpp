#include "revision/changes.h"

#include "base/process.h"
#include "revision/repository.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;
using dbtool::test::ProjectFiles;

namespace {

std::optional<std::string> no_environment(const std::string&) {
  return std::nullopt;
}

std::string version_file(int number, const std::string& statement) {
  return "version: " + std::to_string(number) + "\ndescription: d\nmigrationScript: |-\n  begin\n    " +
         statement + "\n  end\ndowngradeScript: begin end\nmethods: {}\n";
}

/// A repository with a project of two versions in db/, the first of them released, on branch `main`, and a
/// branch `work` on top of it that is checked out.
struct Checkout {
  ProjectFiles files;

  Checkout() {
    files.write("db/versions/0001.yml", version_file(1, "create table a (x integer);"));
    files.write("db/versions/0002.yml", version_file(2, "create table b (x integer);"));
    files.write("db/schema/tables.yml", "{}\n");
    files.write("db/schema/access.yml", "{}\n");
    files.write("db/schema/releases.yml", "v1.0.0: 1\n");
    git({"init", "-q", "-b", "main"});
    commit();
    git({"checkout", "-q", "-b", "work"});
  }

  std::string git(std::vector<std::string> words) const {
    words.insert(words.begin(),
                 {"git", "-C", files.path().string(), "-c", "user.name=n", "-c", "user.email=e@f"});
    const ProcessOutcome outcome = run_process(words);
    INFO(outcome.errors);
    REQUIRE(outcome.succeeded());
    return outcome.output;
  }
  void commit() const {
    git({"add", "-A"});
    git({"commit", "-q", "-m", "m"});
  }
  revision::Changes since(const std::string& revision) const {
    return revision::changes_since(load::load_project(files.path() / "db", no_environment), revision,
                                   no_environment);
  }
  std::string refusal(const std::string& revision) const {
    try {
      since(revision);
    } catch (const Error& error) {
      CHECK(error.exit_code() == ExitCode::usage);
      CHECK(!error.advice().empty());
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("versions that are new or have changed since a revision, committed or not", "[revision]") {
  const Checkout checkout;
  CHECK(checkout.since("main").versions.empty());
  CHECK(checkout.since("main").prefix == "db/");
  checkout.files.write("db/versions/0003.yml", version_file(3, "create table c (x integer);"));
  CHECK(checkout.since("main").versions == std::set<int>{3});
  checkout.files.write("db/versions/0002.yml", version_file(2, "create table b (y integer);"));
  checkout.commit();
  const auto changes = checkout.since("main");
  CHECK(changes.versions == std::set<int>{2, 3});
  CHECK(changes.findings.empty());  // version 2 is in no release
  CHECK(changes.warning.empty());
  CHECK(checkout.since("HEAD").versions.empty());
  CHECK(checkout.since("HEAD~1").versions == std::set<int>{2, 3});
}

TEST_CASE("what others added to the branch meanwhile is not ours", "[revision]") {
  const Checkout checkout;
  checkout.files.write("db/versions/0003.yml", version_file(3, "create table c (x integer);"));
  checkout.commit();
  checkout.git({"checkout", "-q", "main"});
  checkout.files.write("db/versions/0002.yml", version_file(2, "create table theirs (x integer);"));
  checkout.commit();
  checkout.git({"checkout", "-q", "work"});
  CHECK(checkout.since("main").versions == std::set<int>{3});
}

TEST_CASE("a version in a release that has changed, or is gone, is a finding", "[revision]") {
  const Checkout checkout;
  checkout.files.write("db/versions/0001.yml",
                       "# a comment\n" + version_file(1, "create table a (x integer);"));
  CHECK(checkout.since("main").findings.empty());
  checkout.files.write("db/versions/0001.yml", version_file(1, "create table a (x bigint);"));
  const auto findings = checkout.since("main").findings;
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "released-version-changed");
  CHECK(findings[0].severity == Severity::error);
  CHECK(findings[0].version == 1);
  CHECK(findings[0].place.file == "versions/0001.yml");
  CHECK(findings[0].expected.find("v1.0.0") != std::string::npos);

  Project then, now;
  then.versions.resize(2);
  then.versions[1].checksum = "c";
  then.releases = {{"v2.0.0", 2, {}}};
  now.versions.resize(1);
  const auto gone = revision::changed_releases(then, now);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].found == "no such version");
}

TEST_CASE("a project of then that does not load makes every version new", "[revision]") {
  const Checkout checkout;
  checkout.files.write("db/versions/0002.yml", "version: {\n");
  checkout.commit();
  checkout.files.write("db/versions/0002.yml", version_file(2, "create table b (x integer);"));
  const auto changes = checkout.since("HEAD");
  CHECK(changes.versions == std::set<int>{1, 2});
  INFO(changes.warning);
  CHECK(changes.warning.find("versions/0002.yml:") != std::string::npos);
}

TEST_CASE("git that cannot tell is an error that says what to do", "[revision]") {
  const Checkout checkout;
  CHECK(checkout.refusal("nowhere") == "git knows no revision nowhere here");
  CHECK(checkout.refusal("--all") == "git knows no revision --all here");
  CHECK(checkout.refusal("") == "git knows no revision  here");
  checkout.git({"checkout", "-q", "--orphan", "alone"});
  checkout.files.write("another", "");  // else, in the same second, it is the very same commit
  checkout.commit();
  CHECK(checkout.refusal("main") == "git finds no commit that main and HEAD have in common");

  const ProjectFiles outside;
  test::write_minimal(outside);
  const Project project = load::load_project(outside.path(), no_environment);
  CHECK_THROWS_AS(revision::changes_since(project, "main", no_environment), Error);
  CHECK(revision::prefix_in_repository(outside.path()).empty());
}
