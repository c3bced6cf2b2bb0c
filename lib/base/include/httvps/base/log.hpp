#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "httvps/base/error.hpp"

namespace httvps::base {

enum class log_level { debug, info, warn, error };

std::string_view to_text(log_level level) noexcept;
result<log_level> parse_log_level(std::string_view text);

struct log_field {
  using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  log_field(std::string_view key, std::string_view text) : key(key), value(text) {}
  log_field(std::string_view key, const char* text) : key(key), value(std::string_view(text)) {}
  log_field(std::string_view key, const std::string& text)
      : key(key), value(std::string_view(text)) {}
  log_field(std::string_view key, bool flag) : key(key), value(flag) {}
  log_field(std::string_view key, double number) : key(key), value(number) {}
  template <std::signed_integral Number>
  log_field(std::string_view key, Number number)
      : key(key), value(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  log_field(std::string_view key, Number number)
      : key(key), value(static_cast<std::uint64_t>(number)) {}
  log_field(std::string_view key, const error& failure) : key(key), value(label_of(failure)) {}

  std::string_view key;
  value_type value;
};

using log_fields = std::initializer_list<log_field>;

class log_sink {
 public:
  struct options {
    int descriptor = 2;
    log_level threshold = log_level::info;
    std::size_t queue_limit = 8192;
  };

  explicit log_sink(options chosen);
  log_sink(const log_sink&) = delete;
  log_sink& operator=(const log_sink&) = delete;
  ~log_sink();

  static result<std::unique_ptr<log_sink>> open_file(const std::string& path, options chosen);

  bool accepts(log_level level) const noexcept;
  void submit(std::string line) noexcept;
  void flush();
  std::uint64_t dropped_lines() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

class logger {
 public:
  logger() = default;
  logger(log_sink* sink, std::string_view module) : sink_(sink), module_(module) {}

  void debug(std::string_view event, log_fields fields = {}) const {
    write(log_level::debug, event, fields);
  }
  void info(std::string_view event, log_fields fields = {}) const {
    write(log_level::info, event, fields);
  }
  void warn(std::string_view event, log_fields fields = {}) const {
    write(log_level::warn, event, fields);
  }
  void error(std::string_view event, log_fields fields = {}) const {
    write(log_level::error, event, fields);
  }
  logger for_module(std::string_view module) const { return {sink_, module}; }

 private:
  void write(log_level level, std::string_view event, log_fields fields) const;

  log_sink* sink_ = nullptr;
  std::string module_;
};

}
