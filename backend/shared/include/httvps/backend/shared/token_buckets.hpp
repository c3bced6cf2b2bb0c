#pragma once

#include <string_view>

#include "httvps/backend/shared/key_names.hpp"
#include "httvps/backend/shared/redis_client.hpp"

namespace httvps::backend::shared {

struct bucket_order {
  std::string_view policy;
  std::string_view who;
  double burst = 1;
  double per_second = 1;
};

struct bucket_level {
  bool is_admitted = false;
  double tokens = 0;
};

class token_buckets {
 public:
  virtual ~token_buckets() = default;
  virtual base::result<bucket_level> take(const bucket_order& wanted) = 0;
  virtual base::result<> give_back(const bucket_order& taken) = 0;
};

class redis_buckets final : public token_buckets {
 public:
  redis_buckets(redis_client& redis, const key_names& names) : redis_(redis), names_(names) {}

  base::result<bucket_level> take(const bucket_order& wanted) override;
  base::result<> give_back(const bucket_order& taken) override;

 private:
  base::result<bucket_level> run(std::string_view script, const bucket_order& wanted);

  redis_client& redis_;
  const key_names& names_;
};

}
