#pragma once

#include "connection.hpp"

namespace httvps::backend::storage {

base::result<> leave_room_for_updates(connection& database);

}
