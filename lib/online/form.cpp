#include "online/form.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "online/compare_lane.h"
#include "online/function_call.h"
#include "online/function_lane.h"
#include "online/split.h"

namespace dbtool::online {

namespace {

// Enough that workers which come and go find something to take, and that the progress of each says where it
// is.
constexpr int ranges_of_pass = 32;

class FunctionForm final : public Form {
 public:
  FunctionForm(Direction direction, int version, std::optional<std::int64_t> rows_total)
      : direction_(direction),
        version_(version),
        rows_total_(rows_total),
        batch_(ledger::online_function(direction, version, "batch")),
        complete_(ledger::online_function(direction, version, "is_complete")) {}

  // False: the script made no such functions (it only spoke of them), so that there is nothing to move.
  bool prepare(pg::Connection& connection) override {
    const pg::Result there = connection.query(
        "select to_regproc($1) is not null, to_regproc($2) is not null, "
        "exists (select from dbtool.online where version = $3 and direction = $4)",
        {"public." + batch_, "public." + complete_, std::to_string(version_), to_text(direction_)});
    if (there.boolean(0, 0) && there.boolean(0, 1)) return true;
    if (!there.boolean(0, 0) && !there.boolean(0, 1) && !there.boolean(0, 2)) return false;
    throw Error(
        ExitCode::failed,
        fmt::format("version {} is not finished, but function {} is missing", version_,
                    there.boolean(0, 0) ? complete_ : batch_),
        "the script must create both functions; make it anew by hand from the version's file, then go on");
  }

  std::string complete_query() const override { return complete_call(complete_); }
  std::string complete_name() const override { return complete_; }
  std::vector<ledger::RangeRecord> ranges(pg::Connection&) override {
    return {{1, std::nullopt, std::nullopt, {}}};
  }
  std::unique_ptr<Lane> lane(ledger::OnlinePhase, ledger::RangeRecord record) override {
    return std::make_unique<FunctionLane>(version_, std::move(record), batch_);
  }
  std::optional<std::int64_t> rows_total(pg::Connection&) override { return rows_total_; }
  bool verifies() const override { return false; }
  std::string walked_table() const override { return {}; }
  bool is_parallel() const override { return false; }
  std::string batch_function() const override { return batch_; }
  std::string scan_advice() const override {
    return fmt::format(
        "look whether {} reads the state that it returns (a misspelt key?) and finds its rows by an index; "
        "the rows "
        "moved so far stay moved, the same command goes on",
        batch_);
  }

 private:
  Direction direction_;
  int version_;
  std::optional<std::int64_t> rows_total_;
  std::string batch_, complete_;
};

class DeclaredForm final : public Form {
 public:
  DeclaredForm(const OnlineDeclaration& declaration, int version, Clock& clock)
      : declaration_(declaration), version_(version), clock_(clock) {}

  bool prepare(pg::Connection& connection) override {
    key_ = read_key(connection, declaration_);
    return true;
  }
  std::string complete_query() const override { return declaration_.complete.text; }
  std::string complete_name() const override { return "`complete`"; }

  std::vector<ledger::RangeRecord> ranges(pg::Connection& connection) override {
    std::vector<ledger::RangeRecord> records;
    for (const KeyRange& range : split(connection, key_, ranges_of_pass))
      records.push_back({static_cast<int>(records.size()) + 1, range.low, range.high, {}});
    return records;
  }

  std::unique_ptr<Lane> lane(ledger::OnlinePhase phase, ledger::RangeRecord record) override {
    if (phase == ledger::OnlinePhase::verify)
      return std::make_unique<CompareLane>(version_, std::move(record), key_, declaration_, clock_);
    return std::make_unique<MoveLane>(version_, std::move(record), key_, declaration_.batch.text);
  }

  std::optional<std::int64_t> rows_total(pg::Connection& connection) override {
    return estimate_rows(connection, key_);
  }
  bool verifies() const override { return declaration_.verify_source && declaration_.verify_copy; }
  std::string walked_table() const override { return declaration_.table; }
  std::optional<std::string> walked() const override {
    return fmt::format("{} ({})", declaration_.table, join(declaration_.key, ", "));
  }
  bool is_parallel() const override { return true; }
  std::string scan_advice() const override {
    return fmt::format(
        "look at {}: does its condition use the key alone, and do its joins have indexes? analyze {} if it "
        "has never been; "
        "the rows moved so far stay moved, the same command goes on",
        to_text(declaration_.batch.place), declaration_.table);
  }

 private:
  const OnlineDeclaration& declaration_;
  int version_;
  Clock& clock_;
  Key key_;
};

}  // namespace

std::unique_ptr<Form> make_form(const Version& version, Direction direction, Clock& clock,
                                std::optional<std::int64_t> rows_total) {
  const auto& declared = version.online(direction);
  if (declared) return std::make_unique<DeclaredForm>(*declared, version.number, clock);
  return std::make_unique<FunctionForm>(direction, version.number, rows_total);
}

}  // namespace dbtool::online
