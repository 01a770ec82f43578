# The networks that tests/arm runs.
set(slimscale_arm_networks golden_edsr_x2 golden_edsr_luma_x2 golden_carn_x4 golden_carn_m_x3 golden_rcan_x2)
