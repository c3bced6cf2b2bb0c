#include "httvps/wire/session.hpp"

#include "session_core.hpp"

namespace httvps::wire {

session::session(session_options options, base::slab_pool& pool, base::random_source& random)
    : core_(std::make_unique<core>(std::move(options), pool, random)) {}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

base::result<void> session::attach(attachment how, base::steady_time now) {
  return core_->attach(std::move(how), now);
}

void session::detach(carrier_number carrier, base::steady_time now) {
  core_->detach(carrier, now);
}

void session::retire(carrier_number carrier, byte_count bytes_sent, base::steady_time now) {
  core_->retire(carrier, bytes_sent, now);
}

std::vector<carrier_facts> session::carriers() const {
  return core_->carriers();
}

base::result<void> session::receive(carrier_number carrier, byte_view bytes, data_sink& sink,
                                    base::steady_time now) {
  return core_->receive(carrier, bytes, sink, now);
}

bool session::has_output(carrier_number carrier, base::steady_time now) const {
  return core_->has_output(carrier, now);
}

void session::set_pace(carrier_number carrier, byte_count ten_milliseconds) noexcept {
  core_->set_pace(carrier, ten_milliseconds);
}

bool session::awaits_answer(carrier_number carrier) const noexcept {
  return core_->awaits_answer(carrier);
}

void session::note_taken(carrier_number carrier, base::steady_time now) noexcept {
  core_->note_taken(carrier, now);
}

std::size_t session::produce(carrier_number carrier, byte_span out, base::steady_time now) {
  return core_->produce(carrier, out, now);
}

std::optional<base::steady_time> session::deadline() const {
  return core_->deadline();
}

void session::tick(base::steady_time now) {
  core_->tick(now);
}

std::optional<session_event> session::poll_event() {
  return core_->poll_event();
}

base::result<stream_id> session::open(wire::target where, byte_view payload,
                                      base::steady_time now) {
  return core_->open(std::move(where), payload, now);
}

std::size_t session::open_room() const noexcept {
  return core_->open_room();
}

std::size_t session::send_room(stream_id stream) const {
  return core_->send_room(stream);
}

void session::await_room(stream_id stream, std::size_t wanted) {
  core_->await_room(stream, wanted);
}

byte_span session::reserve(stream_id stream, std::size_t wanted) {
  return core_->reserve(stream, wanted);
}

void session::commit(stream_id stream, std::size_t count) {
  core_->commit(stream, count);
}

std::size_t session::write(stream_id stream, byte_view bytes) {
  return core_->write(stream, bytes);
}

void session::finish(stream_id stream, base::steady_time now) {
  core_->finish(stream, now);
}

void session::fail_after_data(stream_id stream, errc code) {
  core_->fail_after_data(stream, code);
}

void session::reset(stream_id stream, errc code) {
  core_->reset(stream, code);
}

void session::stop(stream_id stream, errc code, base::steady_time now) {
  core_->stop(stream, code, now);
}

bool session::send_datagram(const datagram_frame& datagram, base::steady_time now) {
  return core_->send_datagram(datagram, now);
}

byte_view session::peek(stream_id stream) const {
  return core_->peek(stream);
}

void session::consume(stream_id stream, std::size_t count, base::steady_time now) {
  core_->consume(stream, count, now);
}

void session::notify(errc code, std::string sentence) {
  core_->notify(code, std::move(sentence));
}

void session::publish_policy(std::uint64_t version, std::string document) {
  core_->publish_policy(version, std::move(document));
}

void session::use_keepalive(keepalive_range range) noexcept {
  core_->use_keepalive(range);
}

void session::go_away(errc code, std::chrono::milliseconds drain,
                      std::vector<std::string> gateways) {
  core_->go_away(code, drain, std::move(gateways));
}

void session::end(errc code) {
  core_->end(code);
}

bool session::ended() const noexcept {
  return core_->ended();
}
bool session::established() const noexcept {
  return core_->established();
}
std::size_t session::open_streams() const noexcept {
  return core_->open_streams();
}
byte_count session::awaiting_repeat() const noexcept {
  return core_->awaiting_repeat();
}

byte_count session::unacknowledged() const noexcept {
  return core_->unacknowledged();
}
byte_count session::unread() const noexcept {
  return core_->unread();
}
std::optional<base::duration> session::round_trip() const noexcept {
  return core_->round_trip();
}
const session_counters& session::counters() const noexcept {
  return core_->counters();
}
const datagram_drops& session::dropped_datagrams() const noexcept {
  return core_->dropped_datagrams();
}
session_credit session::credit() const noexcept {
  return core_->credit();
}
const session_id& session::id() const noexcept {
  return core_->id();
}

}
