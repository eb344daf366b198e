#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "test/support/generate/random.h"

namespace dbtool::generate {

/// A task's or group's identity: written as a UUID in values, as a slugid (URL-safe base64) in keys and
/// texts.
struct Uuid {
  std::array<unsigned char, 16> bytes{};

  static Uuid of(
      Random random);  ///< version 4 with the first bit clear, so that the slugid never begins with `-`
  std::string uuid() const;
  std::string slugid() const;
};

std::string base64(std::string_view bytes);
/// "text" with what JSON wants escaped.
std::string json_string(std::string_view text);
/// 2020-04-01T12:00:00.000Z of milliseconds since 1970.
std::string iso_date(std::int64_t milliseconds);
/// Characters outside [A-Za-z0-9._-] as `!` and two hex digits of each UTF-8 byte; an empty key is `!`.
std::string string_key(std::string_view text);
/// String keys joined by `~`.
std::string composite_key(std::initializer_list<std::string_view> parts);

/// One row of an entities table, as a line of COPY's text form: keys first, then the properties, then
/// finish().
class Entity {
 public:
  /// Forgets the former row; the string keys are written as they are.
  void begin(std::string_view partition_key, std::string_view row_key);
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::int64_t value);
  void boolean(std::string_view name, bool value);
  void date(std::string_view name, std::int64_t milliseconds);
  /// A large or structured property: base64 in chunks of 64 KiB. `bytes` is JSON, plain text or ciphertext.
  void chunks(std::string_view name, std::string_view bytes);
  /// An opaque encrypted property of about `size` bytes.
  void encrypted(std::string_view name, Random& random, std::size_t size);
  /// The line with its line end: partition_key, row_key, value, version.
  std::string_view finish();

 private:
  void name(std::string_view name);

  std::string json_;
  std::string keys_;
  std::string line_;
};

}  // namespace dbtool::generate
