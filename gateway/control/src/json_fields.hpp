#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::gateway {

base::result<boost::json::object> parse_object(std::string_view text);
base::result<std::string> text_field(const boost::json::object& object, std::string_view name);
base::result<base::secret_bytes> take_secret(boost::json::object& object, std::string_view name);
base::result<base::secret_bytes> take_optional_secret(boost::json::object& object,
                                                      std::string_view name);
base::result<std::uint64_t> number_field(const boost::json::object& object, std::string_view name);
base::result<std::uint64_t> optional_number(const boost::json::object& object,
                                            std::string_view name);
base::result<std::optional<std::chrono::seconds>> optional_seconds(
    const boost::json::object& object, std::string_view name);
base::result<bool> flag_field(const boost::json::object& object, std::string_view name);

struct id_list {
  std::string_view field;
  std::size_t most = 0;
};

base::result<std::vector<std::string>> ids_in(const boost::json::object& object,
                                              const id_list& wanted);
base::result<std::string> optional_text(const boost::json::object& object, std::string_view name);
base::result<std::optional<base::system_time>> optional_moment(const boost::json::object& object,
                                                               std::string_view name);
base::result<bool> optional_flag(const boost::json::object& object, std::string_view name);

}
