#include "stored_version.hpp"

#include <charconv>

namespace httvps::backend::services {

std::uint64_t version_in(const std::optional<std::string>& stored, std::uint64_t otherwise) {
  auto version = otherwise;
  if (stored) {
    std::from_chars(stored->data(), stored->data() + stored->size(), version);
  }
  return version;
}

}
