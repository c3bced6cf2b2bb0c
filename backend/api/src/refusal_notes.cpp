#include "refusal_notes.hpp"

namespace httvps::backend::api {

refusal_notes::refusal_notes(const service_set& services, const api_surroundings& around,
                             std::string kind)
    : refusals_(services.refusals),
      log_(around.log),
      failures_(around.metrics.add_counter(
          {.name = "httvps_backend_audit_write_failures_total",
           .help = "Refused calls and logins whose audit line could not be written.",
           .labels = {{"kind", std::move(kind)}}})) {}

void refusal_notes::note_outcome(const base::result<>& written) const {
  if (!written) {
    failures_.add();
    log_.warn("refusal_not_noted", {{"outcome", written.error()}});
  }
}

}
