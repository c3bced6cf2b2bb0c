#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/identity/signing_key.hpp"

namespace httvps::identity {

inline constexpr std::uint64_t largest_json_integer = (std::uint64_t{1} << 53U) - 1;

struct text_rule {
  std::size_t least = 1;
  std::size_t most = 64;
  bool (*allows)(char letter) = nullptr;
};

struct number_rule {
  std::uint64_t least = 0;
  std::uint64_t most = largest_json_integer;
};

struct list_rule {
  std::size_t least = 1;
  std::size_t most = 1;
};

base::result<boost::json::object> parse_json_object(std::string_view json);
bool fits(std::string_view text, const text_rule& rule) noexcept;

class object_reader {
 public:
  explicit object_reader(const boost::json::object& members) noexcept : members_(&members) {}

  std::string text(std::string_view name, const text_rule& rule);
  std::uint64_t number(std::string_view name, const number_rule& rule = {});
  std::optional<std::uint64_t> number_or_null(std::string_view name);
  base::system_time time(std::string_view name);
  public_key key(std::string_view name);
  std::vector<std::string> texts(std::string_view name, const list_rule& size,
                                 const text_rule& rule);
  object_reader object(std::string_view name);
  std::vector<object_reader> objects(std::string_view name, const list_rule& size);

  void require(bool holds) noexcept { sound_ = sound_ && holds; }
  bool sound() const noexcept { return sound_; }

 private:
  const boost::json::value& member(std::string_view name);
  const boost::json::array& list(std::string_view name, const list_rule& size);

  const boost::json::object* members_;
  bool sound_ = true;
};

}
