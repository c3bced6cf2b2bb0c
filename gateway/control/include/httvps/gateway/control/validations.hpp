#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "httvps/gateway/control/messages.hpp"

namespace httvps::gateway {

inline constexpr std::size_t validated_together_most = 100;

struct validation_request {
  std::string token;
  std::string session;
  std::string epoch;
};

using validation_list = std::vector<base::result<validation>>;

std::string encode_validate(const validation_request& request);
std::string encode_validations(const std::vector<validation_request>& requests);
base::result<validation> decode_validation(std::string_view body);
base::result<validation_list> decode_validations(std::string_view body, std::size_t asked);

}
