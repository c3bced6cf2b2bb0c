#pragma once

#include <concepts>
#include <cstddef>

#include "httvps/base/secret.hpp"

namespace httvps::base {

template <typename Text>
concept OwnedText = requires(Text& text) {
  { text.data() } -> std::same_as<char*>;
  { text.size() } -> std::convertible_to<std::size_t>;
};

template <OwnedText Text>
void wipe_text(Text& text) noexcept {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

template <OwnedText Text>
secret_bytes take_text(Text& text) {
  auto taken = secret_bytes::from_text({text.data(), text.size()});
  wipe_text(text);
  return taken;
}

}
