# slimscale_test(<name> LABEL <folder under test> SOURCES ... [LIBRARIES ...] [EXTENDED] [SKIPS])
# One Catch2 executable and one CTest entry. EXTENDED marks what only `make test-all` runs;
# SKIPS that the test may print [SKIP] with a reason, and then counts as skipped.
include_guard()

function(slimscale_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "EXTENDED;SKIPS" "LABEL" "SOURCES;LIBRARIES")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE slimscale_catch_main ${arg_LIBRARIES})
    target_compile_definitions(${name} PRIVATE SLIMSCALE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SLIMSCALE_BINARY_DIR="${PROJECT_BINARY_DIR}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}")
    # Not by an exit status: Catch2's is the number of failures.
    if(arg_SKIPS)
        set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "\\[SKIP\\]")
    endif()
    if(arg_EXTENDED)
        set_property(TEST ${name} APPEND PROPERTY LABELS extended)
    endif()
endfunction()
