# slimscale_test(<name> LABEL <folder under test> SOURCES ... [LIBRARIES ...] [BY_FILE] [EXTENDED] [SKIPS] [SERIAL]
#                [ENVIRONMENT <variable=value>])
# One Catch2 program. Each of its cases is a test of CTest's, "<name>:<case>", so that what fails is named; names of cases
# have no semicolon, which CMake cannot pass on. BY_FILE makes one test of each source with cases, "<name>:<file>", where
# starting the program is dear or cases share what the first of them makes; the call says why. EXTENDED marks what only
# `make test-all` runs, and builds first: one test, of the program's name. SKIPS means that a case may print [SKIP] with a
# reason, and then counts as skipped. SERIAL keeps all other tests away.
include_guard()
include(Catch)

function(slimscale_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "BY_FILE;EXTENDED;SKIPS;SERIAL" "LABEL;ENVIRONMENT" "SOURCES;LIBRARIES")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE slimscale_catch_main ${arg_LIBRARIES})
    target_compile_definitions(${name} PRIVATE SLIMSCALE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SLIMSCALE_BINARY_DIR="${PROJECT_BINARY_DIR}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)

    set(properties LABELS ${arg_LABEL})
    # Not by an exit status: Catch2's is the number of failures.
    if(arg_SKIPS)
        list(APPEND properties SKIP_REGULAR_EXPRESSION ".SKIP. ")
    endif()
    if(arg_SERIAL)
        list(APPEND properties RUN_SERIAL ON)
    endif()
    if(arg_ENVIRONMENT)
        list(APPEND properties ENVIRONMENT ${arg_ENVIRONMENT})
    endif()

    if(arg_EXTENDED)
        add_test(NAME ${name} COMMAND ${name})
        set_tests_properties(${name} PROPERTIES ${properties} LABELS "${arg_LABEL};extended")
    elseif(arg_BY_FILE)
        foreach(source IN LISTS arg_SOURCES)
            cmake_path(GET source STEM LAST_ONLY file)
            if(file MATCHES "^test_|_test$")
                add_test(NAME "${name}:${file}" COMMAND ${name} --filenames-as-tags "[#${file}]~[.]" ${slimscale_no_tests_fail})
                set_tests_properties("${name}:${file}" PROPERTIES ${properties})
            endif()
        endforeach()
    else()
        catch_discover_tests(${name} TEST_PREFIX "${name}:" EXTRA_ARGS ${slimscale_no_tests_fail} PROPERTIES ${properties})
    endif()
endfunction()

# slimscale_skipped_test(<name> <label> <reason>): stands for a test that this machine lacks something for, so that CTest
# counts and names it as skipped.
function(slimscale_skipped_test name label reason)
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "[SKIP] ${reason}")
    set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_REGULAR_EXPRESSION ".SKIP. ")
endfunction()
