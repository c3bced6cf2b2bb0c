#pragma once

#include <string_view>
#include <utility>

#include "httvps/base/log.hpp"

namespace httvps::gateway {

enum class standing { pending, approved, disabled };

class gateway_standing {
 public:
  explicit gateway_standing(base::logger log) : log_(std::move(log)) {}

  void note_approval(bool approved);
  void note_refusal(const base::error& failure);
  bool is_approved() const noexcept { return now_ == standing::approved; }
  bool is_disabled() const noexcept { return now_ == standing::disabled; }
  std::string_view readiness() const noexcept;

 private:
  void enter(standing next);

  base::logger log_;
  standing now_ = standing::pending;
  bool is_known_ = false;
};

}
