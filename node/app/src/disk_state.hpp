#pragma once

#include <string>

#include "httvps/base/random.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "httvps/node/keys/key_counters.hpp"

namespace httvps::node {

class disk_state {
 public:
  explicit disk_state(std::string folder) : folder_(std::move(folder)) {}

  base::result<void> prepare() const;
  base::result<identity::box_key> box_key(base::random_source& random) const;
  base::result<std::string> wanted_document() const;
  base::result<void> keep_wanted(const std::string& document) const;
  base::result<key_counters> counters() const;
  base::result<void> keep_counters(const std::string& text) const;

 private:
  std::string file(const char* name) const { return folder_ + "/" + name; }

  std::string folder_;
};

}
