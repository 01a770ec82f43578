# What a project of its own needs to link what this tree has built: libraries with their headers, and the bundled models.
# build/slimscaleBuildTree.cmake, to be included there, defines the targets under the names that they have here. The tree
# is used as it is: build it first (tools/build.sh slimscale_python_inputs), and again when its sources change.
#
# python/ is such a project: each Python has a module of its own, over the same libraries.
include_guard()

set(build_tree_libraries slimscale_base slimscale_contract slimscale_networks slimscale_reference slimscale_weights slimscale_images slimscale_reports
    slimscale_quality slimscale_video slimscale_host slimscale_models slimscale_runtime slimscale_warnings)
export(TARGETS ${build_tree_libraries} FILE ${PROJECT_BINARY_DIR}/slimscaleBuildTreeTargets.cmake)

set(build_tree_models)
get_target_property(models slimscale_models SLIMSCALE_MODELS)
foreach(model IN LISTS models)
    get_target_property(archive ${model} IMPORTED_LOCATION)
    string(APPEND build_tree_models "add_library(${model} STATIC IMPORTED)\n"
        "set_target_properties(${model} PROPERTIES IMPORTED_LOCATION \"${archive}\" INTERFACE_LINK_LIBRARIES slimscale_runtime)\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/slimscaleBuildTree.cmake @ONLY CONTENT [[
# Written by cmake/SlimscaleBuildTree.cmake.
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json 3 REQUIRED)
@build_tree_models@
include(${CMAKE_CURRENT_LIST_DIR}/slimscaleBuildTreeTargets.cmake)
]])

# All that is linked, built.
add_custom_target(slimscale_python_inputs DEPENDS slimscale_host slimscale_weights slimscale_quality slimscale_models slimscale_runtime_archive)
