// Catch2, version 3 or 2.13. Include this instead of Catch2's header.
#pragma once
#ifdef SLIMSCALE_CATCH2_V3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
