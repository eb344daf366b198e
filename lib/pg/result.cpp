#include "pg/result.h"

#include <charconv>

#include <libpq-fe.h>

#include "base/error.h"

namespace dbtool::pg {

namespace {

template <typename Number>
Number parse(const Result& result, int row, int column, const char* what) {
  const std::string_view text = result.text(row, column);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || result.is_null(row, column)) {
    throw Error(ExitCode::failed, "column \"" + result.column_name(column) + "\" of the answer holds \"" +
                                      std::string(text) + "\", which is not " + what);
  }
  return value;
}

}  // namespace

Result::Result(pg_result* result) : result_(result, PQclear) {}

int Result::rows() const {
  return PQntuples(result_.get());
}

int Result::columns() const {
  return PQnfields(result_.get());
}

std::string Result::column_name(int column) const {
  const char* name = PQfname(result_.get(), column);
  return name == nullptr ? "" : name;
}

unsigned Result::column_type(int column) const {
  return PQftype(result_.get(), column);
}

bool Result::is_null(int row, int column) const {
  return result_ == nullptr || PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Result::text(int row, int column) const {
  if (result_ == nullptr) return {};  // of a null libpq itself gives ""
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::optional<std::string> Result::optional_text(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return std::string(text(row, column));
}

std::int64_t Result::integer(int row, int column) const {
  return parse<std::int64_t>(*this, row, column, "an integer");
}

double Result::number(int row, int column) const {
  return parse<double>(*this, row, column, "a number");
}

bool Result::boolean(int row, int column) const {
  return text(row, column) == "t";
}

std::int64_t Result::affected() const {
  if (result_ == nullptr) return 0;
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string Result::command_tag() const {
  return result_ == nullptr ? "" : PQcmdStatus(result_.get());
}

}  // namespace dbtool::pg
