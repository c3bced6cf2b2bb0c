#pragma once

#include "httvps/backend/schemas/session_documents.hpp"
#include "httvps/backend/services/validation_service.hpp"

namespace httvps::backend::api {

schemas::device_allowed view_of(const services::admitted_device& admitted);
schemas::device_denied view_of(const services::denied_device& denied);
services::validation_order to_order(const schemas::validate_request& sent);

}
