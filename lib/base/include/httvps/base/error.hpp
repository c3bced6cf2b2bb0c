#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace httvps::base {

struct error_entry {
  int value;
  std::string_view label;
  std::string_view sentence;
};

class error_table final : public std::error_category {
 public:
  constexpr error_table(const char* module, std::span<const error_entry> entries) noexcept
      : module_(module), entries_(entries) {}

  const char* name() const noexcept override { return module_; }
  std::string message(int value) const override;
  std::string_view label(int value) const noexcept;
  std::span<const error_entry> entries() const noexcept { return entries_; }

 private:
  const char* module_;
  std::span<const error_entry> entries_;
};

using error = std::error_code;

template <typename T = void>
using result = std::expected<T, error>;

std::string_view label_of(const error& failure) noexcept;

template <typename Errc>
  requires std::is_error_code_enum_v<Errc>
std::unexpected<error> fail(Errc code) {
  return std::unexpected<error>(error(code));
}

inline std::unexpected<error> fail(error code) {
  return std::unexpected<error>(code);
}

enum class errc {
  invalid_argument = 1,
  invalid_encoding,
  out_of_memory,
  limit_reached,
  not_found,
  io_failure,
  invalid_setting,
  unknown_setting,
};

const error_table& base_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::base::errc> : std::true_type {};

#define HTTVPS_CONCAT_IMPL(left, right) left##right
#define HTTVPS_CONCAT(left, right) HTTVPS_CONCAT_IMPL(left, right)

#define HTTVPS_TRY_IMPL(holder, leave, declaration, ...) \
  auto holder = (__VA_ARGS__);                           \
  if (!holder) {                                         \
    leave std::unexpected(std::move(holder).error());    \
  }                                                      \
  declaration = *std::move(holder)

#define HTTVPS_CHECK_IMPL(holder, leave, ...)         \
  if (auto holder = (__VA_ARGS__); !holder) {         \
    leave std::unexpected(std::move(holder).error()); \
  }

#define HTTVPS_TRY(declaration, ...) \
  HTTVPS_TRY_IMPL(HTTVPS_CONCAT(outcome_, __LINE__), return, declaration, __VA_ARGS__)
#define HTTVPS_CO_TRY(declaration, ...) \
  HTTVPS_TRY_IMPL(HTTVPS_CONCAT(outcome_, __LINE__), co_return, declaration, __VA_ARGS__)
#define HTTVPS_CHECK(...) HTTVPS_CHECK_IMPL(HTTVPS_CONCAT(outcome_, __LINE__), return, __VA_ARGS__)
#define HTTVPS_CO_CHECK(...) \
  HTTVPS_CHECK_IMPL(HTTVPS_CONCAT(outcome_, __LINE__), co_return, __VA_ARGS__)
