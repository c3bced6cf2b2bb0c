#include "bound_properties.hpp"
#include "httvps/gateway/config/settings.hpp"

namespace httvps::gateway {
namespace {

using base::property_kind;

std::vector<base::property> network_properties() {
  return {
      {.name = "gateway.listen",
       .environment = "GATEWAY_LISTEN",
       .description = "Address and port of the public HTTPS listener; port 0 takes a free one.",
       .fallback = "127.0.0.1:8443"},
      {.name = "gateway.address_file",
       .environment = "GATEWAY_ADDRESS_FILE",
       .description = "File that receives the bound addresses as JSON once the gateway listens."},
      {.name = "gateway.metrics_listen",
       .environment = "GATEWAY_METRICS_LISTEN",
       .description = "Loopback address of /healthz, /readyz and /metrics.",
       .fallback = "127.0.0.1:0"},
      {.name = "gateway.tls_certificate",
       .environment = "GATEWAY_TLS_CERTIFICATE",
       .description = "PEM file with the certificate chain of the web site.",
       .required = true},
      {.name = "gateway.tls_key",
       .environment = "GATEWAY_TLS_KEY",
       .description = "PEM file with the private key of the certificate.",
       .required = true},
      {.name = "gateway.tls_next_key",
       .environment = "GATEWAY_TLS_NEXT_KEY",
       .description = "PEM file with the key, private or public, of the next certificate: clients "
                      "learn its pin beside the present one before the certificate is exchanged. "
                      "Empty means none."},
      {.name = "decoy.builtin_ack",
       .environment = "DECOY_BUILTIN_ACK",
       .description = "Allows the built-in demonstration site on a public address.",
       .kind = property_kind::flag,
       .fallback = "false"},
  };
}

std::vector<base::property> identity_properties() {
  return {
      {.name = "gateway.name",
       .environment = "GATEWAY_NAME",
       .description = "Name under which the gateway joins; unique in a deployment.",
       .fallback = "gateway"},
      {.name = "gateway.region",
       .environment = "GATEWAY_REGION",
       .description = "Code of the region that the gateway serves.",
       .fallback = "default"},
      {.name = "gateway.public_host",
       .environment = "GATEWAY_PUBLIC_HOST",
       .description = "Host name that clients verify and send as SNI.",
       .fallback = "localhost"},
      {.name = "gateway.public_addresses",
       .environment = "GATEWAY_PUBLIC_ADDRESSES",
       .description = "Comma separated ip:port list that clients dial; empty means the bound one."},
      {.name = "gateway.backend_url",
       .environment = "GATEWAY_BACKEND_URL",
       .description = "Base URL of the control plane.",
       .required = true},
      {.name = "gateway.join_secret",
       .environment = "BACKEND_GATEWAY_SECRET",
       .description = "Join secret or one-use join token; needed for the first start only.",
       .kind = property_kind::secret},
      {.name = "gateway.state_dir",
       .environment = "GATEWAY_STATE_DIR",
       .description = "Directory for the gateway's keys and credential; mode 0700.",
       .fallback = "/var/lib/httvps-gateway"},
      {.name = "gateway.runtime_dir",
       .environment = "GATEWAY_RUNTIME_DIR",
       .description = "Directory for the socket over which another gateway process of this machine "
                      "passes carriers on, one for all processes of a gateway; mode 0700. Empty "
                      "means run in gateway.state_dir."},
  };
}

std::vector<base::property> running_properties() {
  return {
      {.name = "gateway.threads",
       .environment = "GATEWAY_THREADS",
       .description = "Worker threads; 0 means one a core.",
       .kind = property_kind::number,
       .fallback = "0",
       .least = 0,
       .most = 256},
      {.name = "gateway.aead_engine",
       .environment = "GATEWAY_AEAD_ENGINE",
       .description =
           "Engine for the cipher towards the nodes: auto takes the fastest one that the "
           "processor can run, openssl, or ipsec-mb (AVX-512 with VAES).",
       .fallback = "auto",
       .choices = {"auto", "openssl", "ipsec-mb"}},
      {.name = "gateway.memory",
       .environment = "GATEWAY_MEMORY",
       .description = "Bytes for unacknowledged and unread stream data of all sessions; 0 means a "
                      "quarter of the memory that the machine and the control group allow.",
       .kind = property_kind::number,
       .fallback = "0",
       .least = 0,
       .most = 1099511627776},
      {.name = "gateway.usage_memory",
       .environment = "GATEWAY_USAGE_MEMORY",
       .description = "Bytes of usage kept until the backend takes it; above it no new sessions.",
       .kind = property_kind::number,
       .fallback = "67108864",
       .least = 16384,
       .most = 1099511627776},
  };
}

std::vector<base::property> timing_properties() {
  return {
      {.name = "gateway.handshake_timeout",
       .environment = "GATEWAY_HANDSHAKE_TIMEOUT",
       .description = "Milliseconds for a TLS handshake, and again for the HELLO of a carrier.",
       .kind = property_kind::milliseconds,
       .fallback = "10000",
       .least = 100,
       .most = 600000},
      {.name = "gateway.head_timeout",
       .environment = "GATEWAY_HEAD_TIMEOUT",
       .description = "Milliseconds for the head of a request, and between two requests.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 100,
       .most = 600000},
      {.name = "gateway.heartbeat_interval",
       .environment = "GATEWAY_HEARTBEAT_INTERVAL",
       .description = "Milliseconds between heartbeats, give or take a tenth.",
       .kind = property_kind::milliseconds,
       .fallback = "5000",
       .least = 100,
       .most = 600000},
      {.name = "gateway.state_interval",
       .environment = "GATEWAY_STATE_INTERVAL",
       .description = "Milliseconds between writes of the sealed state in gateway.state_dir, when "
                      "it has changed. A killed gateway that starts while the control plane is "
                      "away knows nothing of what happened since the last one.",
       .kind = property_kind::milliseconds,
       .fallback = "5000",
       .least = 50,
       .most = 600000},
  };
}

std::vector<base::property> ending_properties() {
  return {
      {.name = "gateway.half_closed_idle",
       .environment = "GATEWAY_HALF_CLOSED_IDLE",
       .description = "Milliseconds without a byte after which a half-closed stream is reset.",
       .kind = property_kind::milliseconds,
       .fallback = "600000",
       .least = 1000,
       .most = 86400000},
      {.name = "gateway.drain",
       .environment = "GATEWAY_DRAIN",
       .description = "Milliseconds that open streams may go on after SIGTERM.",
       .kind = property_kind::milliseconds,
       .fallback = "30000",
       .least = 0,
       .most = 3600000},
      {.name = "gateway.upgrade_limit",
       .environment = "GATEWAY_UPGRADE_LIMIT",
       .description = "Milliseconds that sessions with open streams may stay after SIGUSR2, before "
                      "the gateway drains.",
       .kind = property_kind::milliseconds,
       .fallback = "1800000",
       .least = 0,
       .most = 86400000},
  };
}

std::vector<base::property> log_properties() {
  return {
      {.name = "gateway.log_file",
       .environment = "GATEWAY_LOG_FILE",
       .description = "File for JSON log lines; empty means standard error."},
      {.name = "gateway.log_level",
       .environment = "GATEWAY_LOG_LEVEL",
       .description = "Least level that is logged: debug, info, warn or error.",
       .fallback = "info",
       .choices = {"debug", "info", "warn", "error"}},
  };
}

}

std::vector<base::property> gateway_properties() {
  return base::join_properties({network_properties(), bound_properties(), identity_properties(),
                                running_properties(), usage_properties(), timing_properties(),
                                ending_properties(), log_properties()});
}

}
