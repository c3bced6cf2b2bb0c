#include "httvps/shadowsocks/engine_choice.hpp"

#include "ipsec_mb_engine.hpp"

namespace httvps::shadowsocks {

running_engine make_engine(engine_choice wanted) {
  if (wanted != engine_choice::openssl) {
    if (auto found = make_ipsec_mb_engine()) {
      return {.engine = std::move(found), .name = "ipsec-mb"};
    }
  }
  return {.engine = std::make_unique<openssl_engine>(), .name = "openssl"};
}

}
