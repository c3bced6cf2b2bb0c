#include "start_memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace httvps::gateway {
namespace {

std::uintptr_t page_size() noexcept {
  return static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
}

int give_back_code(dl_phdr_info* object, std::size_t, void*) noexcept {
  const auto page = page_size();
  for (std::size_t at = 0; at < object->dlpi_phnum; ++at) {
    const auto& segment = object->dlpi_phdr[at];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
      continue;
    }
    const auto begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const auto end = (object->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
    if (begin < end) {
      ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
  }
  return 0;
}

}

void give_back_start_memory() noexcept {
  ::malloc_trim(0);
  ::dl_iterate_phdr(&give_back_code, nullptr);
}

}
