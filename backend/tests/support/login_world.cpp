#include "login_world.hpp"

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "httvps/backend/services/totp.hpp"

namespace httvps::backend::test_support {

models::admin login_world::add_account(const std::string& name, models::admin_role role) {
  const auto made = admins.create(
      chief,
      {.name = name, .role = role, .password = base::secret_bytes::from_text(chosen_password)});
  if (!made) {
    throw std::runtime_error(std::string(base::label_of(made.error())));
  }
  return *made;
}

api_reply login_world::login(const std::string& name, std::string_view password,
                             const std::string& code, const std::string& peer) const {
  const boost::json::object body{
      {"name", name}, {"password", std::string(password)}, {"code", code}};
  return call({.method = "POST",
               .target = "/api/v1/admin/login",
               .body = boost::json::serialize(body),
               .peer = peer});
}

std::string login_world::session_of(const std::string& name) const {
  return login(name, chosen_password).text("token");
}

api_reply login_world::ask(const std::string& token, const std::string& tail) const {
  return call({.target = "/api/v1/admin/" + tail, .token = token});
}

api_reply login_world::act(const std::string& token, const std::string& tail,
                           const std::string& body) const {
  return call({.method = "POST", .target = "/api/v1/admin/" + tail, .token = token, .body = body});
}

models::admin login_world::stored(const models::admin_id& id) const {
  const auto found = admins.find(id);
  if (!found) {
    throw std::runtime_error("the account is not there");
  }
  return *found;
}

base::secret_bytes login_world::totp_secret_of(const models::admin_id& id) const {
  const auto opened = cipher.open({.table = "admins", .column = "totp_sealed", .record = id.text()},
                                  stored(id).totp_sealed);
  if (!opened) {
    throw std::runtime_error("the secret cannot be opened");
  }
  return *opened;
}

std::string login_world::totp_code_of(const models::admin_id& id) const {
  return services::totp_code(totp_secret_of(id), services::totp_step_at(clock.system_now()));
}

}
