#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"

namespace httvps::base {

enum class property_kind { text, number, flag, milliseconds, secret };

struct property {
  std::string name;
  std::string environment;
  std::string description;
  property_kind kind = property_kind::text;
  std::string fallback = {};
  std::vector<std::string> choices = {};
  std::int64_t least = 0;
  std::int64_t most = 0;
  bool required = false;
};

struct setting_problem {
  std::string name;
  std::string sentence;
};

std::vector<property> join_properties(std::vector<std::vector<property>> groups);

class settings {
 public:
  using environment_reader = std::function<const char*(const char*)>;

  explicit settings(std::vector<property> declared);

  std::vector<setting_problem> read_file(const std::string& path);
  void read_environment(const environment_reader& reader);
  void override_with(const std::string& name, std::string value);
  std::vector<setting_problem> validate() const;

  const std::string& text(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::chrono::milliseconds time(std::string_view name) const;

  const std::vector<property>& declared() const noexcept { return declared_; }
  std::string describe_markdown() const;

 private:
  const property* find(std::string_view name) const;

  std::vector<property> declared_;
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<setting_problem> unknown_;
};

}
