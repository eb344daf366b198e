#include "new/online_template.h"

#include <algorithm>

#include "new/online_blanks.h"
#include "new/online_templates.h"

namespace dbtool {

const std::vector<std::string>& online_pattern_names() {
  static const std::vector<std::string> names{"dual-write", "trigger", "move", "column", "functions"};
  return names;
}

std::optional<OnlinePattern> parse_online_pattern(std::string_view text) {
  const auto& names = online_pattern_names();
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<OnlinePattern>(found - names.begin());
}

std::vector<std::string> fill_online_template(OnlinePattern pattern, const OnlineValues& values) {
  std::vector<std::string_view> texts;
  switch (pattern) {
    case OnlinePattern::dual_write:
      texts = {templates::dual_write, templates::copy_alone};
      break;
    case OnlinePattern::trigger:
      texts = {templates::trigger};
      break;
    case OnlinePattern::move:
      texts = {templates::move_first, templates::move_second};
      break;
    case OnlinePattern::column:
      texts = {templates::column};
      break;
    case OnlinePattern::functions:  // has a template of its own, see fill_template
      break;
  }
  std::vector<std::string> filled;
  for (const std::string_view text : texts) {
    OnlineValues of_this = values;
    of_this.number += static_cast<int>(filled.size());
    filled.push_back(fill_blanks(text, online_blanks(of_this)));
  }
  return filled;
}

}  // namespace dbtool
