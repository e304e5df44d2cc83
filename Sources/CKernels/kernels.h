/// All kernels of one variant, in the order in which they build on each other.
///
/// Included once by each kernels_*.c, after vector.h, and after the file has defined LANES, TILE_ROWS (4, 6 or 8: rows of a
/// tile of accumulators) and FUSED(a, b, c): fma(a, b, c) in every lane with one rounding.
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
