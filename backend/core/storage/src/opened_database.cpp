#include "opened_database.hpp"

#include <filesystem>

#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto copy_patience = 10000ms;

}

base::result<std::unique_ptr<connection>> open_patiently(const database_address& address) {
  return connection::open({.address = address, .patience = copy_patience});
}

base::result<std::unique_ptr<connection>> open_present(const database_address& address) {
  if (address.engine() == engine_kind::sqlite && !std::filesystem::exists(address.path())) {
    return base::fail(errc::cannot_open);
  }
  return open_patiently(address);
}

}
