#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::backend::schemas {

struct field_problem {
  std::string pointer;
  std::string code;
  std::string detail;

  bool operator==(const field_problem&) const = default;
};

template <typename Document>
using parsed = std::expected<Document, std::vector<field_problem>>;

inline constexpr std::size_t most_problems = 32;
inline constexpr std::size_t longest_pointer = 160;

class problem_list {
 public:
  void enter(std::string_view key);
  void enter(std::size_t index);
  void leave() noexcept;
  void report(std::string_view code, std::string detail);

  bool empty() const noexcept { return problems_.empty(); }
  std::vector<field_problem> take() noexcept { return std::move(problems_); }

 private:
  std::vector<std::string> path_;
  std::vector<field_problem> problems_;
};

}
