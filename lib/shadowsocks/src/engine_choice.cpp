#include "httvps/shadowsocks/engine_choice.hpp"

#include <array>
#include <utility>

#include "ipsec_mb_engine.hpp"

namespace httvps::shadowsocks {
namespace {

constexpr std::array<std::pair<std::string_view, engine_choice>, 3> engine_names{
    {{"auto", engine_choice::automatic},
     {"openssl", engine_choice::openssl},
     {"ipsec-mb", engine_choice::ipsec_mb}}};

}

base::result<engine_choice> engine_from_name(std::string_view name) noexcept {
  for (const auto& [known, choice] : engine_names) {
    if (name == known) {
      return choice;
    }
  }
  return base::fail(errc::unknown_engine);
}

engine_support supported_engines() noexcept {
  static const auto here =
      ipsec_mb_runs_here() ? engine_support::ipsec_mb_too : engine_support::openssl_only;
  return here;
}

base::result<engine_choice> settle(engine_choice wanted, engine_support here) noexcept {
  if (here == engine_support::ipsec_mb_too) {
    return wanted == engine_choice::openssl ? wanted : engine_choice::ipsec_mb;
  }
  if (wanted == engine_choice::ipsec_mb) {
    return base::fail(errc::engine_unavailable);
  }
  return engine_choice::openssl;
}

base::result<running_engine> make_engine(engine_choice wanted) {
  HTTVPS_TRY(const auto settled, settle(wanted, supported_engines()));
  if (settled == engine_choice::ipsec_mb) {
    auto engine = make_ipsec_mb_engine();
    if (!engine) {
      return base::fail(errc::engine_unavailable);
    }
    return running_engine{.engine = std::move(engine), .name = "ipsec-mb"};
  }
  return running_engine{.engine = std::make_unique<openssl_engine>(), .name = "openssl"};
}

}
