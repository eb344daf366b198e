#include "window/marker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "window/likelihood.h"

namespace dbtool::window {

namespace {

constexpr std::string_view marker_word = "progress ";
constexpr double enough_said = 0.02;  ///< from that share on it is believed
constexpr double almost_all = 0.999;  ///< what is not over is never said to be
constexpr double fell_back = 1e-9;
/// Rows are seldom as heavy at the end as at the beginning: how far the logarithm of the time strays.
constexpr double uneven = 0.2;
constexpr double uneven_at_least = 0.04;

/// A number at the beginning of the text, which is cut off.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::optional<double> marked_share(std::string_view application_name) {
  const std::size_t at = application_name.rfind(marker_word);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = trim(application_name.substr(at + marker_word.size()));
  const std::optional<double> done = take_number(rest);
  if (!done) return std::nullopt;
  rest = trim(rest);
  if (rest == "%") return std::min(*done / 100, 1.0);
  if (!rest.starts_with('/')) return std::nullopt;
  rest = trim(rest.substr(1));
  const std::optional<double> all = take_number(rest);
  if (!all || *all <= 0 || !rest.empty()) return std::nullopt;
  return std::min(*done / *all, 1.0);
}

void Marker::add(double seconds, std::optional<double> share) {
  seconds_ = seconds;
  if (!share) return;
  if (*share < share_ - fell_back) about_the_whole_ = false;
  if (*share <= share_) return;
  share_ = *share;
  changed_ = seconds;
  history_.add(seconds, share_);
}

std::optional<double> Marker::share() const {
  if (!about_the_whole_ || share_ <= 0) return std::nullopt;
  return std::min(share_, almost_all);
}

std::optional<Forecast> Marker::left() const {
  const std::optional<double> done = share();
  if (!done || changed_ <= 0) return std::nullopt;
  const double overall = changed_ / *done;
  // Of late it may go slower or faster; and it may stand still since it said so.
  const double recent = changed_ + (1 - *done) * overall / history_.change().factor;
  const double standing = seconds_ / *done;
  Belief belief;
  belief.low = std::min(overall, recent);
  belief.high = std::max({overall, recent, standing});
  belief.likely = std::sqrt(belief.low * belief.high);
  belief.spread = uneven_at_least + uneven * (1 - *done) * (1 - *done);
  const Left left = left_of(belief, seconds_);
  Forecast forecast;
  forecast.trust = *done >= enough_said ? Trust::measured : Trust::weak;
  forecast.range = left.range;
  forecast.likely = left.likely;
  forecast.source = fmt::format("the script says that {:.3g} % is done", 100 * *done);
  return forecast;
}

}  // namespace dbtool::window
