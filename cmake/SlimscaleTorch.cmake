# slimscale_find_torch(): defines the target slimscale_torch (LibTorch's headers and CPU libraries), or leaves it undefined
# and says in a status line why the trainer is not built.
#
# The wheel that tools/setup.sh puts into build/venv comes first. Its own CMake package insists on a CUDA toolkit of the
# wheel's version, which training on a CPU does not need: an imported target over headers, libtorch_cpu and libc10 does.
# Another LibTorch (2.1 or newer): -D SLIMSCALE_LIBTORCH=OFF -D CMAKE_PREFIX_PATH=/path/to/libtorch.
include_guard()

set(SLIMSCALE_LIBTORCH "" CACHE STRING "Folder with LibTorch's include/ and lib/; empty: the wheel in the Python environment; OFF: find_package(Torch)")

function(slimscale_find_torch)
    if(NOT SLIMSCALE_LIBTORCH STREQUAL "")
        set(folder ${SLIMSCALE_LIBTORCH})
    else()
        file(GLOB folder ${PROJECT_SOURCE_DIR}/build/venv/lib/python3*/site-packages/torch)
    endif()
    if(folder AND EXISTS ${folder}/lib/libtorch_cpu.so)
        slimscale_torch_from_(${folder})
        slimscale_torch_facts_(${folder}/include)
        message(STATUS "LibTorch: ${folder}")
        return()
    endif()
    find_package(Torch 2.1 QUIET)
    if(TORCH_FOUND)
        add_library(slimscale_torch INTERFACE)
        target_link_libraries(slimscale_torch INTERFACE ${TORCH_LIBRARIES})
        slimscale_torch_facts_(${TORCH_INSTALL_PREFIX}/include)
        message(STATUS "LibTorch: ${Torch_DIR}")
    else()
        message(STATUS "LibTorch: none, so the trainer is not built (make train sets it up)")
    endif()
endfunction()

function(slimscale_torch_from_ folder)
    # The CUDA runtime and profiling libraries that libtorch_cpu itself names lie beside the wheel.
    file(GLOB beside ${folder}/../nvidia/cu*/lib ${folder}/../nvidia/cuda_runtime/lib ${folder}/../nvidia/cuda_cupti/lib)
    add_library(slimscale_torch INTERFACE)
    target_include_directories(slimscale_torch SYSTEM INTERFACE ${folder}/include ${folder}/include/torch/csrc/api/include)
    target_link_directories(slimscale_torch INTERFACE ${folder}/lib)
    target_link_options(slimscale_torch INTERFACE -Wl,--allow-shlib-undefined)
    target_link_libraries(slimscale_torch INTERFACE -Wl,--no-as-needed torch_cpu c10 -Wl,--as-needed)
    foreach(path IN LISTS folder beside)
        cmake_path(NORMAL_PATH path)
        string(REGEX REPLACE "/lib$" "" path ${path})
        target_link_options(slimscale_torch INTERFACE -Wl,-rpath,${path}/lib)
    endforeach()
endfunction()

# Properties for trainer/distributed: SLIMSCALE_INCLUDE, and SLIMSCALE_VERSION as its headers say it ("2.13").
function(slimscale_torch_facts_ include)
    foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)  # since 2.9, before
        foreach(part MAJOR MINOR)
            if(EXISTS ${include}/${header} AND NOT DEFINED ${part})
                file(STRINGS ${include}/${header} line REGEX "define TORCH_VERSION_${part} ")
                if(line MATCHES "([0-9]+)$")
                    set(${part} ${CMAKE_MATCH_1})
                endif()
            endif()
        endforeach()
    endforeach()
    set_target_properties(slimscale_torch PROPERTIES SLIMSCALE_INCLUDE "${include}" SLIMSCALE_VERSION "${MAJOR}.${MINOR}")
endfunction()
