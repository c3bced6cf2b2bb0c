#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/gateway/sessions/hosted_session.hpp"
#include "httvps/gateway/sessions/neighbour.hpp"
#include "httvps/gateway/sessions/session_directory.hpp"
#include "httvps/gateway/sessions/session_keeper.hpp"
#include "httvps/gateway/sessions/session_table.hpp"
#include "httvps/gateway/sessions/waiting_room.hpp"

namespace httvps::gateway {

struct admission_parts {
  session_environment& environment;
  session_table& sessions;
  session_directory& directory;
  neighbours& nearby;
  judge_parts judging;
  std::function<base::result<>(net::task<>)> spawn;
  std::size_t waiting_most = 1;
  base::duration greeting_limit = std::chrono::seconds(10);
  std::uint64_t number_base = 0;
};

class admission_desk final : public session_registrar {
 public:
  explicit admission_desk(admission_parts parts)
      : parts_(std::move(parts)),
        waiting_({.most = parts_.waiting_most}),
        judge_(parts_.judging),
        keeper_({.environment = parts_.environment, .judge = judge_, .spawn = parts_.spawn}) {}

  net::task<> admit(carrier_arrival carrier, device_carrier who);
  net::task<> admit(carrier_arrival carrier, control_carrier who);
  net::task<> place(newcomer arrived);
  void drain();
  void undrain();
  session_judge& judge() noexcept { return judge_; }
  session_keeper& keeper() noexcept { return keeper_; }
  node_book& nodes() noexcept { return judge_.nodes(); }

 private:
  using session_name = std::pair<std::string, wire::session_id>;

  void note_attachment(hosted_session& session) override;
  void strike_out(hosted_session& session) override;

  std::shared_ptr<void> wait_in_line(net::carrier_link& link, const std::string& holder);
  void leave_line(std::uint64_t place);
  std::optional<wire::errc> objection_to(const newcomer& arrived) const;
  net::task<greeting> read_greeting(net::carrier_link* link);
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
  session_judge judge_;
  session_keeper keeper_;
  std::map<session_name, std::vector<std::shared_ptr<net::event>>> in_creation_;
  std::uint64_t last_place_ = 0;
  std::uint64_t last_number_ = 0;
  bool draining_ = false;
};

}
