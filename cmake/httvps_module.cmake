include(GoogleTest)

function(httvps_module)
  cmake_parse_arguments(ARG "" "NAME" "HEADERS;SOURCES;PUBLIC_DEPS;DEPS;TESTS;TEST_DEPS" ${ARGN})
  set(target "httvps_${ARG_NAME}")
  if(ARG_SOURCES)
    set(scope PUBLIC)
    set(hidden PRIVATE)
    add_library(${target} STATIC ${ARG_SOURCES})
  else()
    set(scope INTERFACE)
    set(hidden INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library("httvps::${ARG_NAME}" ALIAS ${target})
  target_sources(${target} ${scope} FILE_SET HEADERS
    BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}/include" FILES ${ARG_HEADERS})
  target_link_libraries(${target} ${scope} httvps_build ${ARG_PUBLIC_DEPS})
  target_link_libraries(${target} ${hidden} ${ARG_DEPS})
  if(ARG_SOURCES)
    target_link_libraries(${target} PRIVATE httvps_warnings)
  endif()
  if(ARG_TESTS)
    httvps_test(NAME "${ARG_NAME}_tests" SOURCES ${ARG_TESTS} DEPS ${target} ${ARG_TEST_DEPS})
  endif()
endfunction()

function(httvps_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE
    httvps_build httvps_warnings ${ARG_DEPS} httvps_base_test_support GTest::gtest GTest::gmock GTest::gtest_main
    "${HTTVPS_RAPIDCHECK}")
  target_compile_definitions(${ARG_NAME} PRIVATE
    HTTVPS_SOURCE_DIR=".")
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${ARG_NAME}."
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

function(httvps_test_on_postgresql)
  cmake_parse_arguments(ARG "" "NAME;WITHOUT;LABELS" "" ${ARGN})
  add_test(NAME "${ARG_NAME}.on_postgresql"
    COMMAND ${ARG_NAME} "--gtest_filter=-${ARG_WITHOUT}"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties("${ARG_NAME}.on_postgresql" PROPERTIES
    ENVIRONMENT "HTTVPS_TEST_ENGINE=postgresql;RC_PARAMS=max_success=25" TIMEOUT 1800 LABELS "${ARG_LABELS}")
endfunction()

function(httvps_program)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE httvps_build httvps_warnings ${ARG_DEPS})
  set_target_properties(${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endfunction()

function(httvps_fuzz_target)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE httvps_build httvps_warnings ${ARG_DEPS})
  if(HTTVPS_FUZZ)
    target_link_options(${ARG_NAME} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${ARG_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
    add_test(NAME "fuzz_replay.${ARG_NAME}"
      COMMAND ${ARG_NAME} "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${ARG_NAME}")
    set_tests_properties("fuzz_replay.${ARG_NAME}" PROPERTIES LABELS "unit" TIMEOUT 60)
  endif()
  set_target_properties(${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
endfunction()
