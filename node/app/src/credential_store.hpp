#pragma once

#include <string>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::node {

class credential_store {
 public:
  credential_store(std::string given_file, const std::string& state_dir)
      : given_file_(std::move(given_file)), kept_file_(state_dir + "/credential.json") {}

  base::result<base::secret_bytes> choose() const;
  base::result<base::secret_bytes> next_after(const base::secret_bytes& refused) const;
  base::result<void> keep(const base::secret_bytes& next, const base::secret_bytes& present) const;

 private:
  base::result<std::vector<base::secret_bytes>> candidates() const;

  std::string given_file_;
  std::string kept_file_;
};

}
