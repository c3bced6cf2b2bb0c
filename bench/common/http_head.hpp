#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

inline constexpr std::size_t longest_head = 4096;

struct http_head {
  std::string start_line;
  base::byte_count content_length = 0;
  base::byte_count size = 0;

  int status() const;
};

class head_reader {
 public:
  base::result<std::optional<http_head>> take(std::string_view bytes);
  std::string_view rest() const noexcept { return rest_; }
  std::size_t room() const noexcept { return longest_head - text_.size(); }
  void reset();

 private:
  std::string text_;
  std::string_view rest_;
};

}
