#include "place_text.hpp"

#include <algorithm>

namespace httvps::backend::storage {

std::array<std::string, 3> parts_of_place(const std::string& place) {
  const auto first = std::min(place.find('/'), place.size());
  const auto second = std::min(place.find('/', first + 1), place.size());
  return {place.substr(0, first),
          place.substr(std::min(first + 1, second), second - std::min(first + 1, second)),
          place.substr(std::min(second + 1, place.size()))};
}

}
