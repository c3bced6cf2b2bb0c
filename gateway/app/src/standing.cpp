#include "standing.hpp"

#include <utility>

#include "httvps/gateway/control/errc.hpp"

namespace httvps::gateway {

void gateway_standing::note_approval(bool approved) {
  enter(approved ? standing::approved : standing::pending);
}

void gateway_standing::note_refusal(const base::error& failure) {
  if (failure == control_errc::gateway_pending) {
    enter(standing::pending);
  } else if (failure == control_errc::gateway_disabled) {
    enter(standing::disabled);
  }
}

std::string_view gateway_standing::readiness() const noexcept {
  switch (now_) {
    case standing::pending:
      return "waits for approval\n";
    case standing::approved:
      return "ready\n";
    case standing::disabled:
      return "disabled by an administrator\n";
  }
  std::unreachable();
}

void gateway_standing::enter(standing next) {
  if (std::exchange(is_known_, true) && next == now_) {
    return;
  }
  now_ = next;
  switch (next) {
    case standing::pending:
      log_.warn("gateway_waits_for_approval",
                {{"sentence", make_error_code(control_errc::gateway_pending).message()}});
      return;
    case standing::approved:
      log_.info("gateway_approved");
      return;
    case standing::disabled:
      log_.error("gateway_disabled",
                 {{"sentence", make_error_code(control_errc::gateway_disabled).message()}});
      return;
  }
}

}
