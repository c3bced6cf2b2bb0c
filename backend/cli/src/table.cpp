#include <fmt/format.h>
#include <locale.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cwchar>

#include "output.hpp"

namespace httvps::ctl {
namespace {

constexpr std::size_t widest_cell = 48;
constexpr std::string_view left_out[] = {"hash", "previous_hash", "request_id", "at_us"};
constexpr std::string_view gap = "  ";
constexpr std::string_view cut_mark = "…";

using row = std::vector<std::string>;

std::size_t length_of_letter(unsigned char lead) noexcept {
  if (lead < 0x80) {
    return 1;
  }
  if (lead < 0xe0) {
    return 2;
  }
  return lead < 0xf0 ? 3 : 4;
}

wchar_t letter_of(std::string_view bytes) noexcept {
  constexpr unsigned lead_bits[] = {0x7f, 0x1f, 0x0f, 0x07};
  constexpr unsigned bits_a_byte = 6;
  const auto size = std::min<std::size_t>(bytes.size(), std::size(lead_bits));
  unsigned letter = static_cast<unsigned char>(bytes[0]) & lead_bits[size - 1];
  for (const char byte : bytes.substr(1)) {
    letter = (letter << bits_a_byte) | (static_cast<unsigned char>(byte) & 0x3fU);
  }
  return static_cast<wchar_t>(letter);
}

std::string shortened(const std::string& text) {
  if (width_of(text) <= widest_cell) {
    return text;
  }
  std::size_t at = 0;
  for (std::size_t width = 0; at < text.size();) {
    const auto step = length_of_letter(static_cast<unsigned char>(text[at]));
    width += width_of(std::string_view(text).substr(at, step));
    if (width >= widest_cell) {
      break;
    }
    at += step;
  }
  return text.substr(0, at).append(cut_mark);
}

std::string cell_of(const json::value& value) {
  if (value.is_null()) {
    return "-";
  }
  if (const auto* text = value.if_string()) {
    return printable({text->data(), text->size()});
  }
  const auto* list = value.if_array();
  const auto is_plain = [](const json::value& item) { return !item.is_structured(); };
  if (list != nullptr && std::ranges::all_of(*list, is_plain)) {
    std::string joined;
    for (const auto& item : *list) {
      joined.append(joined.empty() ? "" : ",").append(cell_of(item));
    }
    return joined;
  }
  return printable(json::serialize(value));
}

row columns_of(const json::array& items) {
  row columns;
  for (const auto& item : items) {
    if (!item.is_object()) {
      continue;
    }
    for (const auto& member : item.get_object()) {
      const std::string name(member.key());
      if (std::ranges::find(columns, name) == columns.end()) {
        columns.push_back(name);
      }
    }
  }
  return columns;
}

std::string heading_of(std::string_view name) {
  auto text = printable(name);
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return text;
}

bool is_left_out(const json::array& items, const std::string& column) {
  if (std::ranges::find(left_out, column) != std::end(left_out)) {
    return true;
  }
  return std::ranges::all_of(items, [&](const json::value& item) {
    const auto* found = member_of(item, column);
    return found == nullptr || found->is_null() ||
           (found->is_string() && found->get_string().empty());
  });
}

const json::value& inner_item(const json::value& item) {
  const auto* object = item.if_object();
  return object != nullptr && object->size() == 1 && object->begin()->value().is_object()
             ? object->begin()->value()
             : item;
}

std::string list_table(const json::array& given) {
  json::array items;
  for (const auto& item : given) {
    items.push_back(inner_item(item));
  }
  auto columns = columns_of(items);
  if (columns.empty()) {
    return items.empty() ? "Nothing." : cell_of(items);
  }
  std::erase_if(columns, [&](const auto& name) { return is_left_out(items, name); });
  std::vector<row> rows(1);
  for (const auto& name : columns) {
    rows.front().push_back(heading_of(name));
  }
  for (const auto& item : items) {
    row cells;
    for (const auto& name : columns) {
      const auto* found = member_of(item, name);
      cells.push_back(found == nullptr ? "-" : shortened(cell_of(*found)));
    }
    rows.push_back(std::move(cells));
  }
  return align(rows);
}

void add_members(const json::object& object, const std::string& prefix, std::vector<row>& rows,
                 std::vector<std::pair<std::string, const json::array*>>& lists) {
  for (const auto& member : object) {
    const auto name = prefix + printable(std::string_view(member.key()));
    const auto* list = member.value().if_array();
    if (const auto* inner = member.value().if_object()) {
      add_members(*inner, name + ".", rows, lists);
    } else if (list != nullptr && !list->empty() && list->front().is_object()) {
      lists.emplace_back(name, list);
    } else {
      rows.push_back({name, cell_of(member.value())});
    }
  }
}

std::string object_table(const json::object& object) {
  std::vector<row> rows;
  std::vector<std::pair<std::string, const json::array*>> lists;
  add_members(object, "", rows, lists);
  auto text = align(rows);
  for (const auto& [name, list] : lists) {
    text += fmt::format("{}{}:\n{}", text.empty() ? "" : "\n\n", name, list_table(*list));
  }
  return text;
}

}

std::size_t width_of(std::string_view text) noexcept {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto step = length_of_letter(static_cast<unsigned char>(text[at]));
    const int columns = ::wcwidth(letter_of(text.substr(at, step)));
    width += columns < 0 ? 1U : static_cast<std::size_t>(columns);
    at += step;
  }
  return width;
}

void use_utf8() noexcept {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 != nullptr) {
    ::uselocale(utf8);
  }
}

std::string align(std::span<const std::vector<std::string>> rows) {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t at = 0; at < cells.size(); ++at) {
      widths[at] = std::max(widths[at], width_of(cells[at]));
    }
  }
  std::string text;
  for (const auto& cells : rows) {
    std::string line;
    for (std::size_t at = 0; at < cells.size(); ++at) {
      line += cells[at];
      if (at + 1 < cells.size()) {
        line.append(widths[at] - width_of(cells[at]), ' ').append(gap);
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text.append(text.empty() ? "" : "\n").append(line);
  }
  return text;
}

std::string to_table(const json::value& answer) {
  if (const auto* object = answer.if_object()) {
    const auto* items = object->if_contains("items");
    if (items != nullptr && items->is_array()) {
      auto rest = *object;
      rest.erase("items");
      rest.erase("next_page_token");
      const auto below = rest.empty() ? std::string() : "\n\n" + object_table(rest);
      return list_table(items->get_array()) + below;
    }
    return object_table(*object);
  }
  return answer.is_array() ? list_table(answer.get_array()) : cell_of(answer);
}

}
