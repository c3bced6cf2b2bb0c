#pragma once

#include <utility>

#include "httvps/backend/services/errc.hpp"
#include "route.hpp"

namespace httvps::backend::api {

template <typename Id>
answer<Id> id_of(const call& made, services::errc missing) {
  auto id = Id::parse(made.id);
  if (!id) {
    return std::unexpected(problem(missing));
  }
  return *std::move(id);
}

}
