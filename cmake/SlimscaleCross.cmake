# slimscale_arm_runtime(<target>)
#     libslimscale.a for 64-bit ARM Linux, compiled on this machine with Debian's cross compiler (g++-aarch64-linux-gnu) into
#     build/lib/arm-64-linux. Defines the custom target <target>; its property SLIMSCALE_ARCHIVE is the archive's path. Where
#     the cross compiler is missing nothing is defined.
include_guard()

find_program(SLIMSCALE_ARM_CC aarch64-linux-gnu-gcc)
find_program(SLIMSCALE_ARM_CXX aarch64-linux-gnu-g++)

function(slimscale_arm_runtime target)
    if(NOT SLIMSCALE_ARM_CXX)
        return()
    endif()
    get_target_property(sources slimscale_runtime_objects SOURCES)
    get_target_property(folder slimscale_runtime_objects SOURCE_DIR)
    get_target_property(options slimscale_runtime_objects COMPILE_OPTIONS)
    find_package(Halide 21 REQUIRED)
    get_target_property(halide_headers Halide::Runtime INTERFACE_INCLUDE_DIRECTORIES)
    set(work ${CMAKE_CURRENT_BINARY_DIR}/${target})
    set(archive_folder ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/arm-64-linux)
    file(MAKE_DIRECTORY ${work} ${archive_folder})

    set(objects)
    foreach(source IN LISTS sources)
        set(object ${work}/${source}.o)
        cmake_path(GET object PARENT_PATH object_folder)
        file(MAKE_DIRECTORY ${object_folder})
        add_custom_command(OUTPUT ${object}
            COMMAND ${SLIMSCALE_ARM_CXX} -std=c++17 -O2 -fPIC ${options} -I${PROJECT_SOURCE_DIR} -I${folder}/include
                    -isystem ${halide_headers} -MD -MF ${object}.d -c ${folder}/${source} -o ${object}
            DEPENDS ${folder}/${source} DEPFILE ${object}.d VERBATIM)
        list(APPEND objects ${object})
    endforeach()
    set(halide_runtime ${work}/halide_runtime.o)
    add_custom_command(OUTPUT ${halide_runtime}
        COMMAND slimscale_generate runtime --target arm-64-linux --out ${halide_runtime}
        DEPENDS slimscale_generate VERBATIM)
    set(archive ${archive_folder}/libslimscale.a)
    add_custom_command(OUTPUT ${archive}
        COMMAND slimscale_generate merge ${objects} ${halide_runtime} --keep slimscale_* --target arm-64-linux --out ${archive}
        DEPENDS slimscale_generate ${objects} ${halide_runtime} VERBATIM)
    add_custom_target(${target} DEPENDS ${archive})
    set_target_properties(${target} PROPERTIES SLIMSCALE_ARCHIVE ${archive})
endfunction()
