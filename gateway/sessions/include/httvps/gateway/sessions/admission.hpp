#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "httvps/gateway/auth/recognizer.hpp"
#include "httvps/gateway/auth/validation_cache.hpp"
#include "httvps/gateway/sessions/greeting.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"
#include "httvps/gateway/sessions/session_table.hpp"
#include "httvps/gateway/sessions/waiting_room.hpp"

namespace httvps::gateway {

struct session_claim {
  std::string device_id;
  wire::session_id id{};
  std::uint64_t number = 0;
  std::size_t limit = 1;
};

class session_directory {
 public:
  virtual ~session_directory() = default;
  virtual net::task<> claim(session_claim wanted) = 0;
  virtual void release(std::string device_id, std::uint64_t number) = 0;
};

struct admission_parts {
  session_environment& environment;
  session_table& sessions;
  session_directory& directory;
  validation_cache& validated;
  std::string region;
  std::size_t waiting_most = 1;
  base::duration greeting_limit = std::chrono::seconds(10);
  std::uint64_t number_base = 0;
};

class admission_desk {
 public:
  explicit admission_desk(admission_parts parts)
      : parts_(std::move(parts)), waiting_({.most = parts_.waiting_most}) {}

  net::task<> admit(std::unique_ptr<net::carrier_link> link, device_carrier who);
  net::task<> admit(std::unique_ptr<net::carrier_link> link, control_carrier who);
  void drain();

 private:
  struct refusal {
    wire::errc code{};
    std::string sentence;
  };
  using verdict = std::expected<session_terms, refusal>;

  std::uint64_t wait_in_line(net::carrier_link& link, const std::string& holder);
  void leave_line(std::uint64_t place);
  std::optional<wire::errc> objection_to(const device_carrier& who, const greeting& hello) const;
  void note_judged(const std::string& device_id);
  net::task<greeting> read_greeting(net::carrier_link* link);
  net::asio::awaitable<verdict> terms_for(device_carrier who, greeting hello);
  net::asio::awaitable<verdict> judge(device_carrier who, greeting hello);
  net::asio::awaitable<std::expected<std::uint32_t, refusal>> validate(device_carrier who,
                                                                       wire::session_id id);
  net::asio::awaitable<std::expected<std::shared_ptr<outline_node>, refusal>> assign(
      device_carrier who);
  net::task<> refuse(std::unique_ptr<net::carrier_link> link, refusal why);
  net::task<> turn_away(std::unique_ptr<net::carrier_link> link, base::error failure);
  net::task<> host(std::unique_ptr<net::carrier_link> link, greeting hello, session_terms terms);
  session_terms control_terms(std::string holder, std::string token, const wire::session_id& id);
  std::shared_ptr<outline_node> remembered_node(const std::string& device_id) const;
  base::result<std::shared_ptr<outline_node>> learn_node(const std::string& device_id,
                                                         const assignment& assigned);
  std::uint64_t next_number() noexcept { return parts_.number_base + ++last_number_; }

  admission_parts parts_;
  waiting_room waiting_;
  std::map<std::string, std::size_t> judged_now_;
  std::uint64_t last_place_ = 0;
  std::map<std::string, std::shared_ptr<outline_node>> nodes_;
  std::map<std::string, base::secret_bytes> access_urls_;
  std::map<std::string, std::string> node_of_device_;
  std::uint64_t last_number_ = 0;
  bool draining_ = false;
};

}
