#pragma once

#include <sys/types.h>

#include <cstdint>

namespace httvps::bench {

double cpu_seconds_of(pid_t process);
double cpu_seconds_with_children(pid_t process);
std::uint64_t resident_kib_of(pid_t process);

}
