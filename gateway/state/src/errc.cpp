#include "httvps/gateway/state/errc.hpp"

namespace httvps::gateway {
namespace {

using enum state_errc;

constexpr base::error_entry entries[] = {
    {static_cast<int>(state_missing), "state_missing", "The gateway has kept no state yet."},
    {static_cast<int>(state_unreadable), "state_unreadable",
     "The file with the gateway's state cannot be read."},
    {static_cast<int>(state_exposed), "state_exposed",
     "The file with the gateway's state belongs to another user or others may read it."},
    {static_cast<int>(state_unwritable), "state_unwritable",
     "The file with the gateway's state cannot be written."},
    {static_cast<int>(state_too_large), "state_too_large",
     "The gateway's state is larger than its limit."},
    {static_cast<int>(state_of_another_format), "state_of_another_format",
     "The file is no state of a gateway, or one of another version of the program."},
    {static_cast<int>(state_foreign), "state_foreign", "The state is that of another gateway."},
    {static_cast<int>(state_damaged), "state_damaged",
     "The state was changed, was cut, or was sealed under another key."},
    {static_cast<int>(state_rolled_back), "state_rolled_back",
     "The state is older than one that this gateway had already."},
    {static_cast<int>(state_too_old), "state_too_old",
     "The control plane was heard longer ago than a gateway may serve without it."},
    {static_cast<int>(state_from_the_future), "state_from_the_future",
     "The state was kept in the future; a clock is wrong."},
    {static_cast<int>(state_withheld), "state_withheld",
     "The gateway was not approved when it kept its state."},
};

const base::error_table table("gateway_state", entries);

}

const base::error_table& state_errors() noexcept {
  return table;
}

std::error_code make_error_code(state_errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
