#pragma once

#include <string_view>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

struct told_session {
  static constexpr std::string_view schema_name = "ToldSession";

  hex_session session;
  models::device_id device_id;
};
BOOST_DESCRIBE_STRUCT(told_session, (), (session, device_id))

using told_sessions = list<told_session, length_range{0, 500}>;

struct session_roll_request {
  static constexpr std::string_view schema_name = "SessionRollRequest";

  hex_epoch epoch;
  hex_session roll;
  counter_value seq;
  told_sessions held;
  told_sessions ended;
};
BOOST_DESCRIBE_STRUCT(session_roll_request, (), (epoch, roll, seq, held, ended))

struct session_roll_answer {
  static constexpr std::string_view schema_name = "SessionRollAnswer";

  bool in_step = true;
  list<hex_session, length_range{0, 500}> end;
};
BOOST_DESCRIBE_STRUCT(session_roll_answer, (), (in_step, end))

}
