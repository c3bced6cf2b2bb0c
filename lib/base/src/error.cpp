#include "httvps/base/error.hpp"

#include <algorithm>

namespace httvps::base {
namespace {

constexpr error_entry entries[] = {
    {static_cast<int>(errc::invalid_argument), "invalid_argument",
     "A value is outside of what the call accepts."},
    {static_cast<int>(errc::invalid_encoding), "invalid_encoding",
     "Text is not in the encoding that was expected."},
    {static_cast<int>(errc::out_of_memory), "out_of_memory", "The memory limit was reached."},
    {static_cast<int>(errc::limit_reached), "limit_reached", "A configured limit was reached."},
    {static_cast<int>(errc::not_found), "not_found", "The thing that was asked for is not there."},
    {static_cast<int>(errc::io_failure), "io_failure", "Reading or writing a file failed."},
    {static_cast<int>(errc::invalid_setting), "invalid_setting",
     "A setting has a value that is not allowed."},
    {static_cast<int>(errc::unknown_setting), "unknown_setting",
     "A setting has a name that is not known."},
};

const error_table table("base", entries);

const error_entry* find_entry(std::span<const error_entry> all, int value) noexcept {
  const auto found = std::ranges::find(all, value, &error_entry::value);
  return found == all.end() ? nullptr : &*found;
}

}

std::string error_table::message(int value) const {
  const auto* entry = find_entry(entries_, value);
  return entry == nullptr ? "Unknown error." : std::string(entry->sentence);
}

std::string_view error_table::label(int value) const noexcept {
  const auto* entry = find_entry(entries_, value);
  return entry == nullptr ? "unknown" : entry->label;
}

std::string_view label_of(const error& failure) noexcept {
  if (!failure) {
    return "ok";
  }
  if (const auto* ours = dynamic_cast<const error_table*>(&failure.category())) {
    return ours->label(failure.value());
  }
  return failure.category().name();
}

const error_table& base_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
