#include "greeting_body.hpp"

#include "frame_fields.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::wire {

base::result<frame> decode_hello(cursor in) {
  hello_frame hello;
  HTTVPS_TRY(hello.version, in.number());
  HTTVPS_TRY(hello.capabilities, in.number());
  HTTVPS_TRY(hello.session, in.array<16>());
  HTTVPS_TRY(const auto carrier, in.number());
  HTTVPS_TRY(const auto flags, in.byte());
  HTTVPS_TRY(hello.epoch, in.array<8>());
  HTTVPS_TRY(hello.down_budget, in.number());
  HTTVPS_TRY(hello.session_limit, in.number());
  if (carrier == 0 || flags > 3) {
    return base::fail(errc::frame_malformed);
  }
  hello.carrier = static_cast<carrier_number>(carrier);
  hello.may_create = static_cast<creation>(flags & 1U);
  hello.proof = static_cast<proof_kind>(flags >> 1U);
  if (hello.proof == proof_kind::challenge) {
    HTTVPS_TRY(hello.signature, in.bytes(64));
  }
  HTTVPS_TRY(hello.streams, read_entries<receive_state>(in));
  HTTVPS_CHECK(expect_end(in));
  return hello;
}

base::result<frame> decode_welcome(cursor in) {
  welcome_frame welcome;
  HTTVPS_TRY(welcome.version, in.number());
  HTTVPS_TRY(welcome.capabilities, in.number());
  HTTVPS_TRY(welcome.epoch, in.array<8>());
  HTTVPS_TRY(welcome.detached_seconds, in.number());
  HTTVPS_TRY(welcome.session_limit, in.number());
  HTTVPS_TRY(welcome.direct_host, in.text(domain_most));
  HTTVPS_TRY(welcome.streams, read_entries<receive_state>(in));
  HTTVPS_CHECK(expect_end(in));
  return welcome;
}

base::result<frame> decode_refuse(cursor in) {
  refuse_frame refuse;
  HTTVPS_TRY(refuse.code, in.number());
  HTTVPS_TRY(refuse.retry_after_seconds, in.number());
  HTTVPS_TRY(refuse.sentence, read_sentence(in));
  HTTVPS_CHECK(expect_end(in));
  return refuse;
}

base::result<frame> decode_challenge(cursor in) {
  HTTVPS_TRY(const auto nonce, in.bytes(32));
  HTTVPS_CHECK(expect_end(in));
  return challenge_frame{nonce};
}

}
