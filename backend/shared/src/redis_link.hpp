#pragma once

#include <hiredis/hiredis.h>

#include <memory>

#include "httvps/backend/shared/errc.hpp"
#include "httvps/backend/shared/redis_client.hpp"

namespace httvps::backend::shared {

class redis_link {
 public:
  static base::result<std::unique_ptr<redis_link>> open(const redis_options& chosen);
  base::result<redis_reply> call(const redis_command& wanted);

 private:
  struct closer {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };
  using context_owner = std::unique_ptr<redisContext, closer>;

  explicit redis_link(context_owner opened) noexcept : context_(std::move(opened)) {}
  base::result<> introduce(const redis_address& address);
  errc failure() const noexcept;

  context_owner context_;
};

}
