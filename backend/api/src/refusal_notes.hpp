#pragma once

#include "httvps/backend/services/refusal_service.hpp"
#include "route.hpp"

namespace httvps::backend::api {

class refusal_notes {
 public:
  refusal_notes(const service_set& services, const api_surroundings& around, std::string kind);

  template <typename... Details>
  void keep(const Details&... details) const {
    note_outcome(refusals_.note(details...));
  }

 private:
  void note_outcome(const base::result<>& written) const;

  services::refusal_service& refusals_;
  base::logger log_;
  mutable base::counter failures_;
};

}
