#include "metric_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "httvps/node/keys/errc.hpp"

namespace httvps::node {
namespace {

std::unexpected<base::error> malformed() {
  return base::fail(keys_errc::metrics_malformed);
}

void skip_blanks(std::string_view& rest) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

bool take(std::string_view& rest, char wanted) noexcept {
  if (!rest.starts_with(wanted)) {
    return false;
  }
  rest.remove_prefix(1);
  return true;
}

base::result<std::string> take_quoted(std::string_view& rest) {
  std::string value;
  if (!take(rest, '"')) {
    return malformed();
  }
  while (!rest.empty() && !take(rest, '"')) {
    const bool escaped = take(rest, '\\');
    if (rest.empty()) {
      return malformed();
    }
    const char letter = rest.front();
    rest.remove_prefix(1);
    value += escaped && letter == 'n' ? '\n' : letter;
    if (rest.empty()) {
      return malformed();
    }
  }
  return value;
}

base::result<metric_label> take_label(std::string_view& rest) {
  const auto equals = rest.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return malformed();
  }
  metric_label label{.name = rest.substr(0, equals), .value = {}};
  rest.remove_prefix(equals + 1);
  HTTVPS_TRY(label.value, take_quoted(rest));
  return label;
}

base::result<void> take_labels(std::string_view& rest, metric_line& line) {
  while (!take(rest, '}')) {
    if (line.label_count == labels_most) {
      return malformed();
    }
    HTTVPS_TRY(line.labels[line.label_count], take_label(rest));
    ++line.label_count;
    if (!take(rest, ',') && !rest.starts_with('}')) {
      return malformed();
    }
    skip_blanks(rest);
  }
  return {};
}

base::result<double> take_value(std::string_view rest) {
  skip_blanks(rest);
  const auto text = rest.substr(0, std::min(rest.find(' '), rest.size()));
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ||
      value < 0) {
    return malformed();
  }
  return value;
}

}

std::string_view metric_line::label(std::string_view wanted) const noexcept {
  const auto end = labels.begin() + static_cast<std::ptrdiff_t>(label_count);
  const auto found = std::find_if(
      labels.begin(), end, [wanted](const metric_label& each) { return each.name == wanted; });
  return found == end ? std::string_view() : std::string_view(found->value);
}

std::string_view metric_name_of(std::string_view line) noexcept {
  return line.substr(0, std::min(line.find_first_of("{ \t"), line.size()));
}

base::result<metric_line> parse_metric_line(std::string_view line) {
  metric_line parsed{.name = metric_name_of(line)};
  auto rest = line.substr(parsed.name.size());
  if (parsed.name.empty()) {
    return malformed();
  }
  if (take(rest, '{')) {
    HTTVPS_CHECK(take_labels(rest, parsed));
  }
  HTTVPS_TRY(parsed.value, take_value(rest));
  return parsed;
}

}
