#include "httvps/backend/services/accepted_usage.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

constexpr char holder_mark = '@';
constexpr std::string_view final_mark = "!";

std::string_view next_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

base::result<std::uint64_t> next_number(std::string_view& rest) {
  const auto word = next_word(rest);
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || failure != std::errc() || end != word.data() + word.size()) {
    return base::fail(errc::storage_failed);
  }
  return number;
}

base::result<> read_marks(std::string_view rest, accepted_line& into) {
  while (!rest.empty()) {
    const auto word = next_word(rest);
    if (word == final_mark) {
      into.is_final = true;
    } else if (word.size() > 1 && word.front() == holder_mark) {
      into.holder = models::device_id::trusted(std::string(word.substr(1)));
    } else {
      return base::fail(errc::storage_failed);
    }
  }
  return {};
}

base::result<accepted_line> read_line(std::string_view line,
                                      const std::vector<models::node_id>& nodes) {
  accepted_line made;
  HTTVPS_TRY(made.session, next_number(line));
  HTTVPS_TRY(const auto node, next_number(line));
  HTTVPS_TRY(made.counted.up, next_number(line));
  HTTVPS_TRY(made.counted.down, next_number(line));
  if (node >= nodes.size()) {
    return base::fail(errc::storage_failed);
  }
  made.node = nodes[node];
  HTTVPS_CHECK(read_marks(line, made));
  return made;
}

using node_places = std::map<models::node_id, std::size_t>;

std::string encode_nodes(const std::vector<accepted_line>& lines, node_places& places) {
  std::string text;
  for (const auto& line : lines) {
    if (places.try_emplace(line.node, places.size()).second) {
      text.append(places.size() > 1 ? " " : "").append(line.node.text());
    }
  }
  return text;
}

}

std::string encode_lines(const std::vector<accepted_line>& lines) {
  node_places places;
  auto text = encode_nodes(lines, places);
  for (const auto& line : lines) {
    fmt::format_to(std::back_inserter(text), "\n{} {} {} {}", line.session, places.at(line.node),
                   line.counted.up, line.counted.down);
    if (line.holder) {
      text.append(" ").append(1, holder_mark).append(line.holder->text());
    }
    if (line.is_final) {
      text.append(" ").append(final_mark);
    }
  }
  return text;
}

base::result<std::vector<accepted_line>> decode_lines(std::string_view text) {
  std::vector<models::node_id> nodes;
  for (auto head = next_line(text); !head.empty();) {
    nodes.push_back(models::node_id::trusted(std::string(next_word(head))));
  }
  std::vector<accepted_line> lines;
  while (!text.empty()) {
    HTTVPS_TRY(auto line, read_line(next_line(text), nodes));
    lines.push_back(std::move(line));
  }
  return lines;
}

}
