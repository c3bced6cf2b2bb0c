#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/services/key_ring.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::core {

struct ring_file {
  std::vector<services::named_key> keys;
  std::string active;
};

base::result<ring_file> load_ring_file(const std::string& path);
base::result<> save_ring_file(const std::string& path, const ring_file& ring);

base::result<> add_key(ring_file& ring, std::string_view name, base::random_source& random);
base::result<> activate_key(ring_file& ring, std::string_view name);

}
