#include "status/json_fields.hpp"

namespace httvps::cli {

namespace json = boost::json;

std::string text_at(const json::value& report, std::string_view pointer) {
  json::error_code failure;
  const auto* found = report.find_pointer({pointer.data(), pointer.size()}, failure);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::uint64_t number_at(const json::value& report, std::string_view pointer) {
  json::error_code failure;
  const auto* found = report.find_pointer({pointer.data(), pointer.size()}, failure);
  return found == nullptr || failure ? 0 : found->to_number<std::uint64_t>(failure);
}

double amount_at(const json::value& report, std::string_view pointer) {
  json::error_code failure;
  const auto* found = report.find_pointer({pointer.data(), pointer.size()}, failure);
  return found == nullptr || !found->is_number() ? 0 : found->to_number<double>();
}

}
