#include "tls_bio.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace httvps::net {
namespace {

int read_span(BIO* bio, char* to, int wanted) {
  auto* ports = static_cast<tls_ports*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (ports->input == nullptr || ports->input->empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto count = std::min(static_cast<std::size_t>(wanted), ports->input->size());
  std::memcpy(to, ports->input->data(), count);
  *ports->input = ports->input->subspan(count);
  return static_cast<int>(count);
}

int write_buffer(BIO* bio, const char* from, int size) {
  auto* ports = static_cast<tls_ports*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (ports->output == nullptr) {
    return -1;
  }
  ports->output->append(
      {reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)});
  return size;
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "spans");
  BIO_meth_set_read(method, &read_span);
  BIO_meth_set_write(method, &write_buffer);
  BIO_meth_set_ctrl(method, &control);
  BIO_meth_set_create(method, &create);
  return method;
}

}

BIO* make_span_bio(tls_ports* ports) {
  static const std::unique_ptr<BIO_METHOD, releaser<&BIO_meth_free>> method(make_method());
  BIO* bio = BIO_new(method.get());
  if (bio != nullptr) {
    BIO_set_data(bio, ports);
  }
  return bio;
}

}
