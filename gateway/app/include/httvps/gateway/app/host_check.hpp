#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "httvps/gateway/config/settings.hpp"

namespace httvps::gateway {

enum class finding_grade : std::uint8_t { good, advice, missing };

struct finding {
  finding_grade grade = finding_grade::good;
  std::string subject;
  std::string sentence;
  std::string mend = {};
};

struct host_view {
  std::string proc = "/proc";
  shadowsocks::engine_support engines = shadowsocks::supported_engines();
};

struct kernel_want {
  std::string name;
  std::string value;
};

std::vector<kernel_want> wanted_kernel_settings();

std::vector<finding> check_kernel(const host_view& host);
std::vector<finding> check_process(const gateway_settings& settings, const host_view& host);
std::vector<finding> check_files(const gateway_settings& settings);
finding check_backend(const gateway_settings& settings);

bool is_anything_missing(const std::vector<finding>& findings) noexcept;
std::string to_text(const std::vector<finding>& findings);

void raise_descriptor_limit() noexcept;

}
