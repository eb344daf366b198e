#include "cli/global_options.h"

#include "cli/settings_flags.h"

namespace dbtool::cli {

std::vector<OptionSpec> global_options() {
  std::vector<OptionSpec> options{
      {"directory",
       'C',
       "DIR",
       "the project directory (default: the current one)",
       false,
       {},
       Completes::directories},
      {"url", 0, "URL", "the database, as a libpq URL or 'key=value …'"},
      {"target", 0, "NAME", "the database, by its name in dbtool.yml", false, {}, Completes::targets},
      {"local", 0, "", "a private PostgreSQL server in .dbtool/ of the project, made on first use"},
      {"format", 0, "FORMAT", "how results and progress are written (default text)", false, {"text", "json"}},
      {"color",
       0,
       "WHEN",
       "colours (default auto: on a terminal, unless NO_COLOR is set)",
       false,
       {"auto", "always", "never"}},
      {"verbose", 'v', "", "tell more: every step and notice"},
      {"quiet", 'q', "", "tell warnings and results only"},
  };
  for (OptionSpec& option : settings_options()) options.push_back(std::move(option));
  options.push_back({"help", 'h', "", "what dbtool, or the command, does and takes"});
  options.push_back({"version", 0, "", "dbtool's own version"});
  return options;
}

}  // namespace dbtool::cli
