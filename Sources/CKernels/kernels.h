/// All kernels of one variant, in the order in which they build on each other.
///
/// Each kernels_*.c includes this file once, after vector.h. Before that it defines LANES, TILE_ROWS (4, 6 or 8: rows of a
/// tile of accumulators) and FUSED(a, b, c): fma(a, b, c) in every lane with one rounding. So everything in these headers
/// is code of one variant, and no header says so again. README.md has a glossary and a reading order.
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
