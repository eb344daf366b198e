#include "window/disk.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::window;

namespace {

constexpr std::int64_t megabyte = 1 << 20;

TableCost grown_table(std::int64_t before, std::int64_t after, bool rewritten = false) {
  TableCost table;
  table.name = "tasks";
  table.rows_before = table.rows_after = 100'000;
  table.bytes_before = before * megabyte;
  table.bytes_after = after * megabyte;
  table.rewritten = rewritten;
  return table;
}

StepCost script_cost(std::vector<TableCost> tables, std::int64_t wal = 0) {
  StepCost cost;
  cost.version = 20;
  cost.kind = "script";
  cost.tables = std::move(tables);
  cost.wal_bytes = wal * megabyte;
  return cost;
}

Scale scale_to(std::int64_t rows) {
  Scale scale;
  scale.rows = rows;
  return scale;
}

double megabytes(double bytes) {
  return bytes / static_cast<double>(megabyte);
}

StepRoom room_with_log(std::int64_t wal, int version = 20) {
  StepRoom room;
  room.version = version;
  room.trust = Trust::measured;
  room.wal = {static_cast<double>(wal * megabyte), static_cast<double>(wal * megabyte)};
  return room;
}

LogKeeping keeping(std::int64_t keeps) {
  LogKeeping log;
  log.keeps = keeps * megabyte;
  log.present = 0;
  return log;
}

}  // namespace

TEST_CASE("A table that is rewritten is there twice until the end of its step", "[disk]") {
  const StepRoom rewritten = room_for(script_cost({grown_table(1000, 900, true)}), scale_to(100'000));
  CHECK(rewritten.trust == Trust::measured);
  CHECK(megabytes(rewritten.data.low) < 900);
  CHECK(megabytes(rewritten.data.high) > 900);
  CHECK(megabytes(rewritten.data.high) < 1100);
  CHECK(rewritten.stays.high < 0);  // a hundred less than before

  const StepRoom grown = room_for(script_cost({grown_table(1000, 1100)}), scale_to(100'000));
  CHECK(megabytes(grown.data.low) < 100);
  CHECK(megabytes(grown.data.high) > 100);
  CHECK(megabytes(grown.data.high) < 130);
  CHECK(grown.stays.low == grown.data.low);
}

TEST_CASE("What a step has made and left again until its end needs room, too", "[disk]") {
  // Rewritten twice, and an index made anew: what the tables are in the end does not tell.
  StepCost cost = script_cost({grown_table(1000, 900, true)});
  cost.peak_bytes = 2100 * megabyte;
  const StepRoom room = room_for(cost, scale_to(100'000));
  CHECK(megabytes(room.data.low) < 2100);
  CHECK(megabytes(room.data.low) > 1800);
  CHECK(megabytes(room.data.high) > 2100);
  CHECK(room.stays.high < 0);
  // Twice the rows, twice the room.
  CHECK(room_for(cost, scale_to(200'000)).data.low == Approx(2 * room.data.low).epsilon(0.2));
  // A copy on which others have let go of something meanwhile shows less than is needed.
  cost.peak_bytes = 10 * megabyte;
  CHECK(megabytes(room_for(cost, scale_to(100'000)).data.high) > 900);
}

TEST_CASE("What a step drops is free only afterwards", "[disk]") {
  const StepRoom room = room_for(script_cost({grown_table(1000, 0), grown_table(0, 400)}), scale_to(100'000));
  CHECK(megabytes(room.data.high) > 400);
  CHECK(megabytes(room.stays.high) < -400);
  CHECK(room.stays.low < room.stays.high);
}

TEST_CASE("Room grows with the rows, and is not to be trusted from far fewer", "[disk]") {
  const StepCost cost = script_cost({grown_table(10, 20)}, 30);
  const StepRoom tenfold = room_for(cost, scale_to(1'000'000));
  CHECK(tenfold.trust == Trust::measured);
  CHECK(megabytes(tenfold.data.low) < 100);
  CHECK(megabytes(tenfold.data.high) > 100);
  CHECK(megabytes(tenfold.wal.high) > 300);
  CHECK(tenfold.source.find("scaled to 1.0 M") != std::string::npos);
  CHECK(room_for(cost, scale_to(10'000'000)).trust == Trust::weak);
  CHECK(room_for(cost, {}).trust == Trust::weak);
}

TEST_CASE("Temporary files may be there all at once, or one after another", "[disk]") {
  StepCost cost = script_cost({grown_table(100, 100)});
  cost.temporary_bytes = 50 * megabyte;
  const StepRoom room = room_for(cost, scale_to(100'000));
  CHECK(room.temporary.low == 0);
  CHECK(megabytes(room.temporary.high) >= 50);
}

TEST_CASE("The peak of a plan counts what stays of the steps before", "[disk]") {
  StepRoom first = room_with_log(0, 20);
  first.data = {100, 120};
  first.stays = {-50, -40};
  StepRoom second = room_with_log(0, 21);
  second.data = {130, 140};
  second.stays = {130, 140};
  const Peak peak = peak_of({first, second}, keeping(0));
  CHECK(peak.bytes.low == 100);
  CHECK(peak.bytes.high == 120);
  CHECK(peak.sure == 100);
  CHECK(peak_of({second, first}, keeping(0)).bytes.low == 230);
  CHECK(peak_of({}, keeping(0)).bytes.high == 0);
}

TEST_CASE("Log is written over, unless somebody holds it", "[disk]") {
  const std::vector<StepRoom> steps{room_with_log(5000, 20), room_with_log(3000, 21)};
  LogKeeping log = keeping(1000);
  CHECK(peak_of(steps, log).bytes.low == 0);
  CHECK(megabytes(peak_of(steps, log).bytes.high) == Approx(1500));

  log = keeping(1000);
  log.slots_hold = true;
  CHECK(megabytes(peak_of(steps, log).bytes.low) == Approx(8000));
  log.slot_limit = 2000 * megabyte;
  CHECK(megabytes(peak_of(steps, log).bytes.low) == Approx(2000));
  CHECK(megabytes(peak_of(steps, log).bytes.high) == Approx(3500));
  log.archive_holds = true;  // for which there is no limit
  CHECK(megabytes(peak_of(steps, log).bytes.low) == Approx(8000));

  log = keeping(1000);
  log.decodes = true;  // to the end of each transaction
  CHECK(megabytes(peak_of(steps, log).bytes.low) == Approx(5000));
  CHECK(megabytes(peak_of(steps, log).bytes.high) == Approx(5000));
  log = keeping(1000);
  log.may_hold = true;
  CHECK(peak_of(steps, log).bytes.low == 0);
  CHECK(megabytes(peak_of(steps, log).bytes.high) == Approx(8000));
}

TEST_CASE("Only what was measured is a reason to refuse", "[disk]") {
  StepRoom room = room_with_log(0, 20);
  room.data = room.stays = {100, 200};
  StepRoom unknown;
  unknown.version = 21;
  unknown.data.low = 500;
  CHECK(judge_room(peak_of({room}, {}), 200) == Sufficiency::enough);
  CHECK(judge_room(peak_of({room}, {}), 150) == Sufficiency::doubtful);
  CHECK(judge_room(peak_of({room}, {}), 99) == Sufficiency::too_little);
  CHECK(judge_room(peak_of({room, unknown}, {}), 300) == Sufficiency::doubtful);
  CHECK(judge_room(peak_of({room, unknown}, {}), 99) == Sufficiency::too_little);
  CHECK(judge_room(peak_of({unknown, room}, {}), 99) == Sufficiency::doubtful);
  CHECK(peak_of({room, unknown, unknown}, {}).unknown == std::vector<int>{21});
  CHECK(peak_of({room, unknown}, {}).trust == Trust::unknown);
  room.trust = Trust::weak;
  CHECK(judge_room(peak_of({room}, {}), 99) == Sufficiency::doubtful);
  CHECK(judge_room(peak_of({room_with_log(0)}, {}), 0) == Sufficiency::enough);
}
