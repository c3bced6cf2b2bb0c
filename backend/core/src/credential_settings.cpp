#include "credential_settings.hpp"

namespace httvps::backend::core {

std::vector<base::property> credential_properties() {
  return {
      {.name = "backend.credential_life",
       .environment = "BACKEND_CREDENTIAL_LIFE",
       .description = "Milliseconds for which a credential of a gateway or node agent is good; it "
                      "is renewed when two thirds are over.",
       .kind = base::property_kind::milliseconds,
       .fallback = "2592000000",
       .least = 3000,
       .most = 34560000000},
      {.name = "backend.credential_overlap",
       .environment = "BACKEND_CREDENTIAL_OVERLAP",
       .description = "Milliseconds for which a renewed credential stays good after the first use "
                      "of the next one.",
       .kind = base::property_kind::milliseconds,
       .fallback = "14400000",
       .least = 1000,
       .most = 604800000},
  };
}

void read_credential_terms(const base::settings& source, backend_settings& chosen,
                           std::vector<base::setting_problem>& problems) {
  chosen.credentials = {.life = source.time("backend.credential_life"),
                        .overlap = source.time("backend.credential_overlap")};
  if (chosen.credentials.overlap >= chosen.credentials.life) {
    problems.push_back({"backend.credential_overlap",
                        "backend.credential_overlap must be shorter than "
                        "backend.credential_life."});
  }
}

}
