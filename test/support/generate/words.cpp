#include "test/support/generate/words.h"

#include <fmt/format.h>

#include "test/support/generate/entity.h"

namespace dbtool::generate {
namespace {

constexpr std::string_view words[] = {
    "build",     "test",      "linux64",  "windows2012", "macosx",    "opt",    "debug",     "pgo",
    "mochitest", "reftest",   "signing",  "nightly",     "beetmover", "source", "toolchain", "clang",
    "gecko",     "try",       "autoland", "central",     "release",   "docker", "image",     "fetch",
    "coverage",  "raptor",    "talos",    "android",     "geckoview", "lint",   "eslint",    "valgrind",
    "asan",      "repackage", "l10n",     "balrog",      "symbols",   "upload", "generic",   "worker"};

constexpr std::string_view odd[] = {
    " \xC3\xBC"
    "n\xC3\xAF"
    "c\xC3\xB6"
    "d\xC3\xA9/\xCE\xB2",  // ünïcödé/β
    " \"double\" 'single'",
    "100%!~\\back",
    "~tilde!bang$dollar$$",
    " \xF0\x9F\xA6\x8A {curly} [square]",  // a fox
    " <a href='?x=1&y=%20'>"};

constexpr std::string_view provisioners[] = {"gecko-t", "gecko-3", "proj-ci", "aws-provisioner-v1",
                                             "built-in"};

constexpr std::int64_t new_year_2020 = 1'577'836'800'000;

}  // namespace

std::string sentence(Random& random, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += random.pick(words);
  }
  return text;
}

std::string_view odd_suffix(Random& random) {
  return random.once_in(25) ? random.pick(odd) : std::string_view{};
}

std::string oversize(Random& random, std::int64_t n) {
  std::string text;
  if (!random.once_in(n)) return text;
  while (text.size() < 150'000) text += "caf\xC3\xA9 \xE2\x82\xAC\xF0\x9F\xA6\x8A ";
  return text;
}

std::string_view provisioner(std::int64_t number) {
  return provisioners[number % std::int64_t{std::size(provisioners)}];
}

std::string worker_type(std::int64_t number) {
  return fmt::format("{}-{}", words[static_cast<std::size_t>(number * 7) % std::size(words)], number);
}

std::string worker_pool(std::int64_t number) {
  return fmt::format("{}/{}", provisioner(number), worker_type(number));
}

std::string scope(Random& random) {
  static constexpr std::string_view kinds[] = {
      "queue:create-task:highest:", "queue:route:index.",  "secrets:get:project/",
      "docker-worker:cache:",       "hooks:trigger-hook:", "assume:repo:github.com/"};
  return fmt::format("{}{}/*", random.pick(kinds), random.pick(words));
}

std::string scopes_json(Random& random, int count) {
  std::string json = "[";
  for (int i = 0; i < count; ++i) {
    if (i > 0) json += ',';
    json += json_string(scope(random));
  }
  return json + "]";
}

std::int64_t moment(Random& random) {
  return new_year_2020 + random.below(366 * day);
}

}  // namespace dbtool::generate
