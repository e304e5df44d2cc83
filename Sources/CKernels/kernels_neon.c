/// The kernels for 64-bit ARM: 4 lanes, 32 registers; NEON with its fused operation is part of the base architecture.
#if defined(__aarch64__)
#include "kernel_table.h"

#define LANES 4
#define TILE_ROWS 8
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "vector.h"

#include "tiles.h"

#include "zeros.h"

#include "prefixes.h"

#include "descent.h"

#include "inputs.h"

#include "panels.h"

#include "factors.h"

#include "targets.h"

#include "strips.h"

#include "leads.h"

#include "products.h"

#include "weights.h"

#include "columns.h"

#include "elementwise.h"

const nc_table nc_neon_table = KERNEL_TABLE;
#endif
