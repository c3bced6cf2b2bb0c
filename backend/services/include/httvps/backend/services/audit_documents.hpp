#pragma once

#include <string>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/admin.hpp"
#include "httvps/backend/models/admin_token.hpp"
#include "httvps/backend/models/device.hpp"
#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/models/node.hpp"

namespace httvps::backend::services {

std::string audit_document(const models::user& user);
std::string audit_document(const models::plan& plan);
std::string audit_document(const models::subscription& subscription);
std::string audit_document(const models::device& device);
std::string audit_document(const models::enrolment_ticket& ticket);
std::string audit_document(const models::node& node);
std::string audit_document(const models::region& region);
std::string audit_document(const models::gateway& gateway);
std::string audit_document(const models::join_token& token);
std::string audit_document(const models::credential& one);
std::string audit_document(const models::admin& admin);
std::string audit_document(const models::admin_token& token);

}
