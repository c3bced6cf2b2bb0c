#pragma once

#include <optional>
#include <string>

#include "httvps/backend/schemas/account_documents.hpp"
#include "route.hpp"

namespace httvps::backend::api {

class page_stamp {
 public:
  explicit page_stamp(const call& made);

  answer<void> take_from(std::optional<schemas::page_token>& token) const;
  void put_on(schemas::page_token& token) const;

 private:
  std::string text_;
};

}
