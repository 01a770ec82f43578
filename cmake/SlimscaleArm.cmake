# 64-bit ARM Linux on this machine: a build tree of its own, build/arm, with a toolchain file. Where Debian's cross compiler
# (g++-aarch64-linux-gnu) is missing nothing is defined.
#
#     slimscale_arm_runtime      a target: build/arm/lib/libslimscale.a, whose path is its property SLIMSCALE_ARCHIVE
#
# slimscale_arm_program(<target> <target there> <dependencies>...)
#     A target that builds one of build/arm. Those are built one after the other: trees are not made to be built twice at once.
include_guard()
include(ExternalProject)

find_program(SLIMSCALE_ARM_CXX aarch64-linux-gnu-g++)
find_program(SLIMSCALE_QEMU_ARM qemu-aarch64)
set(SLIMSCALE_ARM_BUILD ${PROJECT_BINARY_DIR}/arm)

if(SLIMSCALE_ARM_CXX AND NOT SLIMSCALE_HOST_BUILD AND NOT TARGET slimscale_arm_runtime)
    set(prefix_path ${CMAKE_PREFIX_PATH})
    list(JOIN prefix_path "|" prefix_path)
    ExternalProject_Add(slimscale_arm_runtime
        SOURCE_DIR ${PROJECT_SOURCE_DIR}
        BINARY_DIR ${SLIMSCALE_ARM_BUILD}
        PREFIX ${SLIMSCALE_ARM_BUILD}/project
        LIST_SEPARATOR |
        CMAKE_ARGS --toolchain ${PROJECT_SOURCE_DIR}/cmake/toolchains/aarch64-linux-gnu.cmake
                   -D CMAKE_BUILD_TYPE=Release -D CMAKE_PREFIX_PATH=${prefix_path}
                   -D SLIMSCALE_HOST_BUILD=${PROJECT_BINARY_DIR} -D SLIMSCALE_TESTS=${SLIMSCALE_TESTS}
        BUILD_COMMAND ${CMAKE_COMMAND} --build ${SLIMSCALE_ARM_BUILD} --target slimscale_runtime_archive
        BUILD_ALWAYS ON
        INSTALL_COMMAND ""
        DEPENDS slimscale_generate
        EXCLUDE_FROM_ALL ON)
    set_target_properties(slimscale_arm_runtime PROPERTIES SLIMSCALE_ARCHIVE ${SLIMSCALE_ARM_BUILD}/lib/libslimscale.a)
endif()

function(slimscale_arm_program target target_there)
    get_property(before GLOBAL PROPERTY SLIMSCALE_ARM_LAST)
    set_property(GLOBAL PROPERTY SLIMSCALE_ARM_LAST ${target})
    add_custom_target(${target} COMMAND ${CMAKE_COMMAND} --build ${SLIMSCALE_ARM_BUILD} --target ${target_there} VERBATIM)
    add_dependencies(${target} slimscale_arm_runtime ${before} ${ARGN})
endfunction()
