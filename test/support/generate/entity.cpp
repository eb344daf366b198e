#include "test/support/generate/entity.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace dbtool::generate {
namespace {

constexpr std::size_t chunk_size = 64 * 1024;
constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void append_base64(std::string& out, const unsigned char* in, std::size_t size, std::string_view alphabet,
                   bool padded) {
  const std::size_t start = out.size();
  out.resize(start + (size + 2) / 3 * 4, '=');
  char* to = out.data() + start;
  std::size_t i = 0;
  for (; i + 3 <= size; i += 3) {
    const unsigned three = (unsigned{in[i]} << 16) | (unsigned{in[i + 1]} << 8) | in[i + 2];
    *to++ = alphabet[three >> 18];
    *to++ = alphabet[(three >> 12) & 63];
    *to++ = alphabet[(three >> 6) & 63];
    *to++ = alphabet[three & 63];
  }
  if (const std::size_t rest = size - i; rest > 0) {
    const unsigned last = (unsigned{in[i]} << 16) | (rest == 2 ? unsigned{in[i + 1]} << 8 : 0U);
    to[0] = alphabet[last >> 18];
    to[1] = alphabet[(last >> 12) & 63];
    if (rest == 2) to[2] = alphabet[(last >> 6) & 63];
    if (!padded) out.resize(out.size() - (3 - rest));
  }
}

void append_base64(std::string& out, std::string_view bytes) {
  append_base64(out, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), standard_alphabet,
                true);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_date(std::string& out, std::int64_t milliseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{milliseconds}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{date.year()},
                 unsigned{date.month()}, unsigned{date.day()}, clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

bool is_plain_in_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

}  // namespace

Uuid Uuid::of(Random random) {
  Uuid uuid;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random.next();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8)
      uuid.bytes[half * 8 + i] = static_cast<unsigned char>(bits);
  }
  uuid.bytes[0] &= 0x7f;
  uuid.bytes[6] = static_cast<unsigned char>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<unsigned char>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

std::string Uuid::uuid() const {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += hex[bytes[i] >> 4];
    text += hex[bytes[i] & 15];
  }
  return text;
}

std::string Uuid::slugid() const {
  std::string text;
  append_base64(text, bytes.data(), bytes.size(), url_alphabet, false);
  return text;
}

std::string base64(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string iso_date(std::int64_t milliseconds) {
  std::string text;
  append_date(text, milliseconds);
  return text;
}

std::string string_key(std::string_view text) {
  if (text.empty()) return "!";
  std::string key;
  for (const char c : text) {
    if (is_plain_in_key(c)) {
      key += c;
    } else {
      key += fmt::format("!{:02X}", static_cast<unsigned char>(c));
    }
  }
  return key;
}

std::string composite_key(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const std::string_view part : parts) {
    if (!key.empty()) key += '~';
    key += string_key(part);
  }
  return key;
}

void Entity::begin(std::string_view partition_key, std::string_view row_key) {
  keys_.assign(partition_key).append(1, '\t').append(row_key);
  json_.assign("{\"PartitionKey\":");
  append_json_string(json_, partition_key);
  text("RowKey", row_key);
}

void Entity::name(std::string_view name) {
  json_.append(",\"").append(name).append("\":");
}

void Entity::text(std::string_view property, std::string_view value) {
  name(property);
  append_json_string(json_, value);
}

void Entity::number(std::string_view property, std::int64_t value) {
  name(property);
  fmt::format_to(std::back_inserter(json_), "{}", value);
}

void Entity::boolean(std::string_view property, bool value) {
  name(property);
  json_ += value ? "true" : "false";
}

void Entity::date(std::string_view property, std::int64_t milliseconds) {
  name(property);
  json_ += '"';
  append_date(json_, milliseconds);
  json_ += '"';
}

void Entity::chunks(std::string_view property, std::string_view bytes) {
  const std::size_t count = (bytes.size() + chunk_size - 1) / chunk_size;
  fmt::format_to(std::back_inserter(json_), ",\"__bufchunks_{}\":{}", property, count);
  for (std::size_t i = 0; i < count; ++i) {
    fmt::format_to(std::back_inserter(json_), ",\"__buf{}_{}\":\"", i, property);
    append_base64(json_, bytes.substr(i * chunk_size, chunk_size));
    json_ += '"';
  }
}

void Entity::encrypted(std::string_view property, Random& random, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const std::uint64_t word = random.next();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  chunks(property, bytes);
}

std::string_view Entity::finish() {
  line_.assign(keys_).append(1, '\t');
  // JSON holds no raw tab or line end, so a backslash is all that COPY's text form wants escaped.
  std::size_t from = 0;
  for (std::size_t at; (at = json_.find('\\', from)) != std::string::npos; from = at + 1) {
    line_.append(json_, from, at - from).append("\\\\");
  }
  line_.append(json_, from).append("}\t1\n");
  return line_;
}

}  // namespace dbtool::generate
