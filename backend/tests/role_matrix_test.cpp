#include <gtest/gtest.h>

#include <map>
#include <span>

#include "httvps/backend/models/enum_text.hpp"
#include "support/api_world.hpp"

namespace httvps::backend::api {
namespace {

using models::admin_role;
using role_map = std::map<std::string, std::string>;

constexpr std::string_view for_anyone[] = {"changeOwnPassword",
                                           "confirmTotp",
                                           "disableTotp",
                                           "enrolTotp",
                                           "explainAssignment",
                                           "getAccessKey",
                                           "getDevice",
                                           "getDrift",
                                           "getEnrolmentTicket",
                                           "getGateway",
                                           "getJoinToken",
                                           "getMetrics",
                                           "getNode",
                                           "getOverview",
                                           "getOwnAccount",
                                           "getPlan",
                                           "getPolicy",
                                           "getRegion",
                                           "getSettings",
                                           "getSubscription",
                                           "getUser",
                                           "getVersion",
                                           "listAccessKeys",
                                           "listAudit",
                                           "listCredentials",
                                           "listDevices",
                                           "listEnrolmentTickets",
                                           "listGatewayGrants",
                                           "listGateways",
                                           "listHeldUsage",
                                           "listHourlyUsage",
                                           "listJoinTokens",
                                           "listMonthlyUsage",
                                           "listNodes",
                                           "listPlans",
                                           "listRegions",
                                           "listSubscriptions",
                                           "listUsage",
                                           "listUsers",
                                           "logout",
                                           "verifyUsage"};

constexpr std::string_view for_support[] = {
    "changeDevice",           "changeUser",         "createEnrolmentCode", "createEnrolmentLink",
    "createSubscription",     "createToken",        "createUser",          "createUsers",
    "extendSubscription",     "getToken",           "listTokens",          "renameToken",
    "resetSubscriptionUsage", "resumeSubscription", "resumeUser",          "revokeDevice",
    "revokeEnrolmentTicket",  "revokeToken",        "suspendSubscription", "suspendUser"};

constexpr std::string_view for_admins[] = {"approveGateway",
                                           "askGatewayForRenewal",
                                           "askNodeForRenewal",
                                           "cancelSubscription",
                                           "changeAdmin",
                                           "changeGateway",
                                           "changeNode",
                                           "changePlan",
                                           "changePolicy",
                                           "changeRegion",
                                           "changeSettings",
                                           "changeSubscription",
                                           "createAdmin",
                                           "createNode",
                                           "createPlan",
                                           "createRegion",
                                           "deleteAdmin",
                                           "deleteGateway",
                                           "deleteNode",
                                           "deletePlan",
                                           "deleteRegion",
                                           "deleteUser",
                                           "drainGateway",
                                           "drainNode",
                                           "exportAudit",
                                           "getAdmin",
                                           "inviteGateway",
                                           "issueNodeCredential",
                                           "listAdmins",
                                           "placeRegion",
                                           "quarantineGateway",
                                           "rejectGateway",
                                           "releaseGateway",
                                           "resetAdminTotp",
                                           "restorePlan",
                                           "retirePlan",
                                           "revokeGatewayCredentials",
                                           "revokeJoinToken",
                                           "revokeNodeCredentials",
                                           "rewrapSecrets",
                                           "rotateGatewayKeys",
                                           "rotateNodeKeys",
                                           "rotateSigningKey",
                                           "showKeys",
                                           "undrainGateway",
                                           "undrainNode"};

void add(role_map& matrix, std::span<const std::string_view> operations, admin_role least) {
  for (const auto operation : operations) {
    matrix.emplace(operation, models::enum_text(least));
  }
}

TEST(RoleMatrix, IsWhatTheRouterAsksFor) {
  role_map wanted;
  add(wanted, for_anyone, admin_role::read_only);
  add(wanted, for_support, admin_role::support);
  add(wanted, for_admins, admin_role::admin);
  const test_support::api_world world;
  role_map asked;
  for (const auto& one : world.api.routes()) {
    if (one.least_role) {
      asked.emplace(one.operation, models::enum_text(*one.least_role));
    }
  }
  EXPECT_EQ(asked, wanted) << "see the roles in docs/02-control-plane-api.md";
}

}
}
