#include "httvps/backend/shared/errc.hpp"

namespace httvps::backend::shared {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::address_invalid), "address_invalid",
     "The address of Redis must look like redis://host:6379/0 or unix:///path/of/socket."},
    {static_cast<int>(errc::tls_unsupported), "tls_unsupported",
     "TLS to Redis is not spoken here: use a socket (unix://), a private network (redis://), or "
     "the local end of a TLS tunnel such as stunnel."},
    {static_cast<int>(errc::unreachable), "unreachable", "Redis cannot be reached."},
    {static_cast<int>(errc::timed_out), "timed_out", "Redis did not answer in time."},
    {static_cast<int>(errc::answer_malformed), "answer_malformed",
     "Redis answered with something that was not asked for."},
    {static_cast<int>(errc::refused), "refused",
     "Redis refused a command: check its user, its password and what its user may do."},
};

const base::error_table table("backend_shared", entries);

}

const base::error_table& shared_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
