#include "httvps/backend/selection/place.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>

namespace httvps::backend::selection {
namespace {

constexpr double earth_radius_km = 6371.0088;
constexpr double unknown_distance = std::numeric_limits<double>::infinity();

double in_radians(double degrees) noexcept {
  return degrees * std::numbers::pi / 180;
}

double squared_sine_of_half(double angle) noexcept {
  const double sine = std::sin(angle / 2);
  return sine * sine;
}

std::optional<coordinates> place_of(std::string_view code, std::span<const region_place> regions) {
  const auto found = std::ranges::find(regions, code, &region_place::code);
  return found == regions.end() ? std::nullopt : found->where;
}

double distance_between(const std::optional<coordinates>& from,
                        const std::optional<coordinates>& to) noexcept {
  return from && to ? distance_in_km(*from, *to) : unknown_distance;
}

bool is_ipv4(std::string_view host) noexcept {
  return std::ranges::count(host, '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string_view until_nth(std::string_view text, char mark, int count) noexcept {
  std::size_t end = 0;
  for (int i = 0; i < count && end < text.size(); ++i) {
    end = text.find(mark, i == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) {
      return text;
    }
  }
  return text.substr(0, end);
}

}

double distance_in_km(const coordinates& from, const coordinates& to) noexcept {
  const double first = in_radians(from.latitude);
  const double second = in_radians(to.latitude);
  const double along = squared_sine_of_half(second - first);
  const double across = squared_sine_of_half(in_radians(to.longitude - from.longitude));
  const double half = std::min(1.0, along + std::cos(first) * std::cos(second) * across);
  return 2 * earth_radius_km * std::asin(std::sqrt(half));
}

std::vector<std::string> by_distance(std::string_view from, std::span<const region_place> regions) {
  const auto origin = place_of(from, regions);
  std::vector<std::tuple<bool, double, std::string>> keyed;
  for (const auto& each : regions) {
    keyed.emplace_back(each.code != from, distance_between(origin, each.where), each.code);
  }
  std::ranges::sort(keyed);
  std::vector<std::string> sorted;
  sorted.reserve(keyed.size());
  for (const auto& each : keyed) {
    sorted.push_back(std::get<std::string>(each));
  }
  return sorted;
}

std::optional<std::string> region_with_room(std::string_view wanted,
                                            std::span<const region_candidate> regions) {
  std::vector<region_place> places;
  for (const auto& each : regions) {
    places.push_back(each.place);
  }
  std::optional<std::string> any;
  for (const auto& code : by_distance(wanted, places)) {
    const auto found = std::ranges::find(
        regions, code, [](const region_candidate& each) { return each.place.code; });
    if (found->share >= least_region_share) {
      return code;
    }
    if (!any && found->share > 0) {
      any = code;
    }
  }
  return any;
}

std::string failure_domain_of(std::string_view host) {
  if (is_ipv4(host)) {
    return std::string(until_nth(host, '.', 3));
  }
  if (host.find(':') != std::string_view::npos) {
    return std::string(until_nth(host, ':', 3));
  }
  return std::string(host);
}

}
