if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} silently miscompiles coroutines that await in a full "
    "expression with aggregate temporaries. Use clang 19: cmake --preset dev.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(HTTVPS_WERROR "Treat warnings as errors" ON)
option(HTTVPS_FUZZ "Build the libFuzzer targets" OFF)
string(COMPARE NOTEQUAL "${CMAKE_BUILD_TYPE}" "Release" HTTVPS_FAILPOINTS)
set(HTTVPS_SANITIZE "" CACHE STRING "Sanitizers passed to -fsanitize, comma separated")

add_library(httvps_warnings INTERFACE)
target_compile_options(httvps_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wextra-semi
  -Wno-missing-designated-field-initializers
  $<$<BOOL:${HTTVPS_WERROR}>:-Werror>)

add_library(httvps_build INTERFACE)
target_compile_options(httvps_build INTERFACE -fstack-protector-strong -fno-omit-frame-pointer)
target_compile_definitions(httvps_build INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_CONCEPTS BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>)
target_link_options(httvps_build INTERFACE -fuse-ld=lld)
if(HTTVPS_SANITIZE)
  target_compile_options(httvps_build INTERFACE
    -fsanitize=${HTTVPS_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(httvps_build INTERFACE -fsanitize=${HTTVPS_SANITIZE})
endif()
if(HTTVPS_FUZZ)
  target_compile_options(httvps_build INTERFACE -fsanitize=fuzzer-no-link)
endif()
