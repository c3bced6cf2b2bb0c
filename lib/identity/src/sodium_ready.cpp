#include "sodium_ready.hpp"

#include <sodium.h>

namespace httvps::identity {

void make_sodium_ready() noexcept {
  static const int status = sodium_init();
  if (status < 0) {
    sodium_misuse();
  }
}

}
