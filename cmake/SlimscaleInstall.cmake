# What `cmake --install` copies, and the files by which find_package(slimscale) and pkg-config find it. All paths inside
# the installed files are relative to themselves, so that the tree may be moved and --prefix may be given late.
include_guard()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(SlimscaleModel)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/slimscale)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The C API and its C++ header. contract/model.h is not part of it: archives and library come from one build.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/runtime/include/slimscale DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(FILES ${PROJECT_BINARY_DIR}/lib/libslimscale.a DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(PROGRAMS ${PROJECT_BINARY_DIR}/bin/slimscale DESTINATION ${CMAKE_INSTALL_BINDIR} OPTIONAL)
slimscale_install_models(slimscale_models)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/slimscaleConfig.cmake.in
    ${PROJECT_BINARY_DIR}/package/slimscaleConfig.cmake INSTALL_DESTINATION ${package_dir}
    PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBEXECDIR NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/slimscaleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/slimscaleConfig.cmake ${PROJECT_BINARY_DIR}/package/slimscaleConfigVersion.cmake
        ${PROJECT_SOURCE_DIR}/cmake/SlimscaleAddModel.cmake DESTINATION ${package_dir})

# Behind slimscale_add_model in users' projects. It has no path to Halide's library there, and users do not call it.
install(TARGETS slimscale_generate DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/slimscale COMPONENT compiler)

file(RELATIVE_PATH prefix_from_pc /${pkgconfig_dir} /)
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
configure_file(${CMAKE_CURRENT_LIST_DIR}/slimscale.pc.in ${PROJECT_BINARY_DIR}/package/slimscale.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/slimscale.pc DESTINATION ${pkgconfig_dir})
