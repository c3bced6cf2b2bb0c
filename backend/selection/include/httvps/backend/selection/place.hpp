#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::backend::selection {

inline constexpr double least_region_share = 0.20;

struct coordinates {
  double latitude = 0;
  double longitude = 0;

  bool operator==(const coordinates&) const = default;
};

struct region_place {
  std::string code;
  std::optional<coordinates> where;
};

struct region_candidate {
  region_place place;
  double share = 0;
};

double distance_in_km(const coordinates& from, const coordinates& to) noexcept;
std::vector<std::string> by_distance(std::string_view from, std::span<const region_place> regions);
std::optional<std::string> region_with_room(std::string_view wanted,
                                            std::span<const region_candidate> regions);
std::string failure_domain_of(std::string_view host);

}
