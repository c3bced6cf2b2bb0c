#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/gateway/auth/recognizer.hpp"
#include "httvps/gateway/auth/validation_cache.hpp"
#include "httvps/gateway/sessions/greeting.hpp"
#include "httvps/gateway/sessions/hosted_session.hpp"
#include "httvps/gateway/sessions/neighbour.hpp"
#include "httvps/gateway/sessions/node_book.hpp"
#include "httvps/gateway/sessions/session_table.hpp"
#include "httvps/gateway/sessions/waiting_room.hpp"

namespace httvps::gateway {

inline constexpr unsigned session_number_bits = 48;

std::string session_digest(const wire::session_id& id);

struct session_claim {
  std::string device_id;
  wire::session_id id{};
  std::uint64_t number = 0;
  wire::creation may_create = wire::creation::forbidden;
};

struct carrier_arrival {
  std::unique_ptr<net::carrier_link> link;
  std::shared_ptr<void> lease;
};

struct newcomer {
  carrier_arrival carrier;
  std::shared_ptr<void> place;
  device_carrier who;
  greeting hello;
};

enum class attachment_state { attached, detached };

class session_directory {
 public:
  virtual ~session_directory() = default;
  virtual net::task<std::uint64_t> claim(session_claim wanted) = 0;
  virtual net::task<> settle(session_claim mine, std::size_t limit) = 0;
  virtual void note(std::string device_id, std::uint64_t number, attachment_state state) = 0;
  virtual void release(std::string device_id, std::uint64_t number) = 0;
  virtual void hand_over(std::uint64_t number, newcomer who) = 0;
};

struct admission_parts {
  session_environment& environment;
  session_table& sessions;
  session_directory& directory;
  neighbours& nearby;
  validation_cache& validated;
  const revocation_set& revoked;
  allowance_source& allowances;
  std::string region;
  std::size_t waiting_most = 1;
  base::duration greeting_limit = std::chrono::seconds(10);
  std::uint64_t number_base = 0;
};

class admission_desk final : public session_registrar {
 public:
  explicit admission_desk(admission_parts parts)
      : parts_(std::move(parts)), waiting_({.most = parts_.waiting_most}) {}

  net::task<> admit(carrier_arrival carrier, device_carrier who);
  net::task<> admit(carrier_arrival carrier, control_carrier who);
  net::task<> place(newcomer arrived);
  net::task<> renew_node(std::string device_id, std::string token);
  void drain();
  void undrain();
  node_book& nodes() noexcept { return nodes_; }

 private:
  struct refusal {
    wire::errc code{};
    std::string sentence;
  };
  using verdict = std::expected<session_terms, refusal>;
  using session_name = std::pair<std::string, wire::session_id>;

  void note_attachment(hosted_session& session) override;
  void strike_out(hosted_session& session) override;

  std::shared_ptr<void> wait_in_line(net::carrier_link& link, const std::string& holder);
  void leave_line(std::uint64_t place);
  std::optional<wire::errc> objection_to(const newcomer& arrived) const;
  void note_judged(const std::string& device_id);
  net::task<greeting> read_greeting(net::carrier_link* link);
  net::asio::awaitable<verdict> judge(device_carrier who, session_claim claimed);
  struct policy {
    std::uint32_t session_limit = 1;
    allowance_request allowed;
  };
  net::asio::awaitable<std::expected<policy, refusal>> validate(device_carrier who,
                                                                wire::session_id id);
  static policy remembered_policy(const validated_device& known);
  net::asio::awaitable<std::expected<exit_nodes, refusal>> assign(device_carrier who);
  net::task<> refuse(std::unique_ptr<net::carrier_link> link, refusal why);
  net::task<> refuse(std::unique_ptr<net::carrier_link> link, wire::errc code);
  net::task<> turn_away(std::unique_ptr<net::carrier_link> link, base::error failure);
  std::unique_ptr<net::carrier_link> process_of(const newcomer& arrived);
  net::task<> pass_on(newcomer arrived, std::unique_ptr<net::carrier_link> process);
  net::task<> join(std::shared_ptr<hosted_session> session, newcomer arrived);
  net::task<> create(newcomer arrived, session_claim claimed);
  net::task<> wait_for(session_name name);
  static carriage::carrier_arrival carrier_of(newcomer& arrived, admission admits);
  void finish_creation(const session_name& name);
  net::task<> host(newcomer arrived, session_terms terms);
  session_terms control_terms(std::string holder, std::string token, const wire::session_id& id);
  std::uint64_t next_number() noexcept { return parts_.number_base + ++last_number_; }
  bool is_mine(std::uint64_t number) const noexcept {
    return number >> session_number_bits == parts_.number_base >> session_number_bits;
  }

  admission_parts parts_;
  waiting_room waiting_;
  std::map<std::string, std::size_t> judged_now_;
  std::map<session_name, std::vector<std::shared_ptr<net::event>>> in_creation_;
  std::uint64_t last_place_ = 0;
  node_book nodes_;
  std::uint64_t last_number_ = 0;
  bool draining_ = false;
};

}
