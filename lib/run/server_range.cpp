#include "run/server_range.h"

#include <regex>

namespace dbtool::run {

bool is_in_range(int major, const std::string& demand) {
  static const std::regex clause(R"((>=|<=|>|<|=)?\s*(\d+))");
  for (std::sregex_iterator match(demand.begin(), demand.end(), clause), end; match != end; ++match) {
    const std::string op = (*match)[1];
    const int wanted = std::stoi((*match)[2]);
    const bool holds = op == ">="   ? major >= wanted
                       : op == "<=" ? major <= wanted
                       : op == ">"  ? major > wanted
                       : op == "<"  ? major < wanted
                                    : major == wanted;
    if (!holds) return false;
  }
  return true;
}

int assumed_major(const std::string& demand) {
  constexpr int usual = 15;
  constexpr int oldest = 14;
  constexpr int none = 99;
  if (is_in_range(usual, demand)) return usual;
  for (int major = oldest; major < none; ++major) {
    if (is_in_range(major, demand)) return major;
  }
  return usual;
}

}  // namespace dbtool::run
