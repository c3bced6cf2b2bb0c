#pragma once

#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {

template <typename Found>
auto tagged_view_of(const Found& found) {
  using services::tag_of;
  return tagged<decltype(view_of(found))>{.document = view_of(found), .tag = tag_of(found)};
}

}
