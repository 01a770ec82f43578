# cmake -DTOOL=... -DIMAGE=... -P real_tool.cmake
# Checks the exit status and the figure; CTest's PASS_REGULAR_EXPRESSION would ignore the former.
execute_process(COMMAND ${TOOL} evaluate ${IMAGE} --model carn_m_x2
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
message("${output}${errors}")
if(NOT status EQUAL 0)
    message(FATAL_ERROR "exit status ${status}")
endif()
# The figure is 32.15 dB; targets round the last digit differently.
if(NOT output MATCHES "carn_m_x2, 64 channels.*koalas\\.png +32\\.1[0-9]")
    message(FATAL_ERROR "expected 32.1x dB")
endif()
