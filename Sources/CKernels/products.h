/// The chain products and SGD of one variant, over one register tile.
///
/// A tile holds rows × columns vectors of accumulators. Every accumulator is the chain of one output element, in
/// order; the tile's shape decides only which chains run side by side. Included once by each kernels_*.c, which
/// defines LANES, TILE_ROWS (4, 6 or 8) and FUSED(a, b, c): fma(a, b, c) in every lane with one rounding.

/// Two vectors a row: one broadcast feeds two fused operations.
enum { PANEL = 2 * LANES };

typedef struct tile {
  vf row[TILE_ROWS][2];
} tile;

/// The left operand: element (r, d) of a tile stands at start[r·row + d·depth].
typedef struct left {
  const float *start;
  size_t row, depth;
} left;

/// The right operand: element (d, c) of a tile stands at start[d·stride + c]; `lanes` of the last vector are used.
typedef struct right {
  const float *start;
  size_t stride, lanes;
} right;

/// Row r of one index of the chains: acc[r][c] ← fma(a[r, d], b[d, c], acc[r][c]). A macro, and not a loop over r,
/// because debug builds unroll nothing.
#define ACCUMULATE_ROW(r)                                                         \
  if (rows > r) {                                                                 \
    vf factor = (vf)p[r * a.row];                                                 \
    acc->row[r][0] = FUSED(factor, first, acc->row[r][0]);                        \
    if (columns == 2) { acc->row[r][1] = FUSED(factor, second, acc->row[r][1]); } \
  }
#define ACCUMULATE_FOUR_ROWS \
  ACCUMULATE_ROW(0)          \
  ACCUMULATE_ROW(1)          \
  ACCUMULATE_ROW(2)          \
  ACCUMULATE_ROW(3)
#if TILE_ROWS == 8
#define ACCUMULATE_ROWS \
  ACCUMULATE_FOUR_ROWS  \
  ACCUMULATE_ROW(4)     \
  ACCUMULATE_ROW(5)     \
  ACCUMULATE_ROW(6)     \
  ACCUMULATE_ROW(7)
#elif TILE_ROWS == 6
#define ACCUMULATE_ROWS \
  ACCUMULATE_FOUR_ROWS  \
  ACCUMULATE_ROW(4)     \
  ACCUMULATE_ROW(5)
#else
#define ACCUMULATE_ROWS ACCUMULATE_FOUR_ROWS
#endif

/// The chains over d in 0 ..< depth. `rows` and `columns` are constants; b.lanes < LANES only with one column.
///
/// Where the vector is not full, its load may reach past the row into the next one, whose values then run idle in
/// lanes that are never stored; the last rows, past which nothing may be read, are loaded lane by lane.
INLINE void accumulate(tile *acc, int rows, int columns, left a, right b, size_t depth) {
  size_t careful = (LANES - b.lanes + b.stride - 1) / b.stride;
  size_t whole = careful < depth ? depth - careful : 0;
  const float *p = a.start, *q = b.start;
  size_t d = 0;
  for (; d < whole; d++, p += a.depth, q += b.stride) {
    vf first = *(const vf_memory *)q, second;
    if (columns == 2) { second = *(const vf_memory *)(q + LANES); }
    ACCUMULATE_ROWS
  }
  if (columns == 1) {
    for (; d < depth; d++, p += a.depth, q += b.stride) {
      vf first = load(q, b.lanes), second = first;
      ACCUMULATE_ROWS
    }
  }
}

INLINE void load_tile(tile *acc, int rows, int columns, const float *y, size_t stride, size_t lanes) {
  for (int r = 0; r < rows; r++) {
    const float *row = y + (size_t)r * stride;
    acc->row[r][0] = load(row, columns == 2 ? LANES : lanes);
    if (columns == 2) { acc->row[r][1] = load(row + LANES, LANES); }
  }
}

INLINE void store_tile(const tile *acc, int rows, int columns, float *y, size_t stride, size_t lanes) {
  for (int r = 0; r < rows; r++) {
    float *row = y + (size_t)r * stride;
    store(row, acc->row[r][0], columns == 2 ? LANES : lanes);
    if (columns == 2) { store(row + LANES, acc->row[r][1], LANES); }
  }
}

/// Calls TILE(row, rows, columns) with constant rows over all tiles of `total` rows: full ones first, then 4, 2 and 1.
#define OVER_ROWS(TILE, total, columns)                                                      \
  do {                                                                                       \
    size_t row = 0;                                                                          \
    for (; row + TILE_ROWS <= (total); row += TILE_ROWS) { TILE(row, TILE_ROWS, columns); }  \
    for (; row + 4 <= (total); row += 4) { TILE(row, 4, columns); }                          \
    for (; row + 2 <= (total); row += 2) { TILE(row, 2, columns); }                          \
    for (; row < (total); row++) { TILE(row, 1, columns); }                                  \
  } while (0)

/// Calls TILE(row, rows, columns) over all tiles of one panel, with constant columns.
#define OVER_TILES(TILE, total, width)     \
  do {                                     \
    if ((width).columns == 2) {            \
      OVER_ROWS(TILE, total, 2);           \
    } else {                               \
      OVER_ROWS(TILE, total, 1);           \
    }                                      \
  } while (0)

/// The panel of output columns that starts at j: two full vectors, or one, or what is left.
typedef struct panel {
  int columns;
  size_t lanes, size;
} panel;
INLINE panel panel_at(size_t j, size_t end) {
  size_t rest = end - j;
  if (rest >= PANEL) { return (panel){2, LANES, PANEL}; }
  size_t lanes = rest < LANES ? rest : LANES;
  return (panel){1, lanes, lanes};
}

// MARK: Forward product

INLINE void product_tile(
  int rows, int columns, left x, right w, const float *bias, float *y, size_t outputs, size_t depth) {
  tile acc = {0};
  if (bias) { load_tile(&acc, rows, columns, bias, 0, w.lanes); }
  accumulate(&acc, rows, columns, x, w, depth);
  store_tile(&acc, rows, columns, y, outputs, w.lanes);
}

static void product(
  const float *x, const float *w, const float *bias, float *y, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  panel width;
  for (size_t j = begin; j < end; j += width.size) {
    width = panel_at(j, end);
    right factor = {w + j, outputs, width.lanes};
    const float *start = bias ? bias + j : 0;
#define TILE(n, rows, columns) \
  product_tile(                \
    rows, columns, (left){x + n * inputs, inputs, 1}, factor, start, y + n * outputs + j, outputs, inputs)
    OVER_TILES(TILE, batch, width);
#undef TILE
  }
}

// MARK: Weight gradient, stored or used by SGD

/// One SGD step on `lanes` parameters.
INLINE void sgd_vector(float *p, float *v, vf g, const nc_sgd_rule *rule, size_t lanes) {
  vf parameter = load(p, lanes);
  if (rule->weight_decay != 0) { g = FUSED((vf)rule->weight_decay, parameter, g); }
  if (rule->momentum != 0) {
    vf velocity = g;
    if (rule->buffer == NC_BUFFER_FILLED) { velocity = FUSED((vf)rule->momentum, load(v, lanes), g); }
    store(v, velocity, lanes);
    g = rule->form == NC_NESTEROV ? FUSED((vf)rule->momentum, velocity, g) : velocity;
  }
  store(p, FUSED((vf)-rule->learning_rate, g, parameter), lanes);
}

static void sgd(float *p, float *v, const float *g, nc_sgd_rule rule, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) { sgd_vector(p + i, v + i, load(g + i, LANES), &rule, LANES); }
  if (i < count) { sgd_vector(p + i, v + i, load(g + i, count - i), &rule, count - i); }
}

INLINE void weight_gradient_tile(
  int rows, int columns, left x, right dy, float *dw, size_t outputs, size_t depth) {
  tile acc = {0};
  accumulate(&acc, rows, columns, x, dy, depth);
  store_tile(&acc, rows, columns, dw, outputs, dy.lanes);
}

/// Which rules a fused step has code for. The usual one has no branches, so that its tile stays in registers.
typedef enum sgd_kind { ANY_RULE, LATER_MOMENTUM_STEP } sgd_kind;
INLINE sgd_kind kind_of(const nc_sgd_rule *rule) {
  int is_plain = rule->weight_decay == 0 && rule->form == NC_CLASSICAL;
  return is_plain && rule->momentum != 0 && rule->buffer == NC_BUFFER_FILLED ? LATER_MOMENTUM_STEP : ANY_RULE;
}

INLINE void weight_step_tile(
  int rows, int columns, left x, right dy, float *p, float *v, const nc_sgd_rule *rule, sgd_kind kind, size_t outputs,
  size_t depth) {
  tile acc = {0};
  accumulate(&acc, rows, columns, x, dy, depth);
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      size_t at = (size_t)r * outputs + (size_t)c * LANES, lanes = columns == 2 ? LANES : dy.lanes;
      if (kind == LATER_MOMENTUM_STEP) {
        vf velocity = FUSED((vf)rule->momentum, load(v + at, lanes), acc.row[r][c]);
        vf parameter = FUSED((vf)-rule->learning_rate, velocity, load(p + at, lanes));
        store(v + at, velocity, lanes);
        store(p + at, parameter, lanes);
      } else {
        sgd_vector(p + at, v + at, acc.row[r][c], rule, lanes);
      }
    }
  }
}

static void weight_gradient(
  const float *x, const float *dy, float *dw, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end) {
  panel width;
  for (size_t j = begin; j < end; j += width.size) {
    width = panel_at(j, end);
    right factor = {dy + j, outputs, width.lanes};
#define TILE(k, rows, columns) \
  weight_gradient_tile(rows, columns, (left){x + k, 1, inputs}, factor, dw + k * outputs + j, outputs, batch)
    OVER_TILES(TILE, inputs, width);
#undef TILE
  }
}

INLINE void weight_step_of_kind(
  sgd_kind kind, const float *x, const float *dy, float *p, float *v, const nc_sgd_rule *rule, size_t batch,
  size_t inputs, size_t outputs, size_t begin, size_t end) {
  panel width;
  for (size_t j = begin; j < end; j += width.size) {
    width = panel_at(j, end);
    right factor = {dy + j, outputs, width.lanes};
#define TILE(k, rows, columns)                                                                                   \
  weight_step_tile(                                                                                              \
    rows, columns, (left){x + k, 1, inputs}, factor, p + k * outputs + j, v + k * outputs + j, rule, kind, outputs, \
    batch)
    OVER_TILES(TILE, inputs, width);
#undef TILE
  }
}

static void weight_step(
  const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  if (kind_of(&rule) == LATER_MOMENTUM_STEP) {
    weight_step_of_kind(LATER_MOMENTUM_STEP, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  } else {
    weight_step_of_kind(ANY_RULE, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  }
}

// MARK: Input gradient

/// Rows of the transposed weights that are held at a time: a panel of PANEL columns then takes at most 16 KiB.
enum { BLOCK = 128 };

/// Four floats, and four floats in memory.
typedef float quad __attribute__((ext_vector_type(4)));
typedef float quad_memory __attribute__((ext_vector_type(4), aligned(4), may_alias));

/// The 4 × 4 transpose of rows that are `from` apart into rows that are `to` apart.
INLINE void transpose_quads(float *y, size_t to, const float *x, size_t from) {
  quad a = *(const quad_memory *)x, b = *(const quad_memory *)(x + from);
  quad c = *(const quad_memory *)(x + 2 * from), d = *(const quad_memory *)(x + 3 * from);
  quad ab01 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab23 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  quad cd01 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd23 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(quad_memory *)y = __builtin_shufflevector(ab01, cd01, 0, 1, 4, 5);
  *(quad_memory *)(y + to) = __builtin_shufflevector(ab01, cd01, 2, 3, 6, 7);
  *(quad_memory *)(y + 2 * to) = __builtin_shufflevector(ab23, cd23, 0, 1, 4, 5);
  *(quad_memory *)(y + 3 * to) = __builtin_shufflevector(ab23, cd23, 2, 3, 6, 7);
}

/// block[d·PANEL + c] = w[c·stride + d] for c < columns and d < depth; the other columns of a block row are +0.
INLINE void transpose_block(float *block, const float *w, size_t stride, size_t columns, size_t depth) {
  size_t whole = columns & ~(size_t)3, deep = depth & ~(size_t)3;
  for (size_t c = 0; c < whole; c += 4) {
    for (size_t d = 0; d < deep; d += 4) { transpose_quads(block + d * PANEL + c, PANEL, w + c * stride + d, stride); }
  }
  for (size_t c = 0; c < PANEL; c++) {
    for (size_t d = c < whole ? deep : 0; d < depth; d++) {
      block[d * PANEL + c] = c < columns ? w[c * stride + d] : 0.0f;
    }
  }
}

INLINE void input_gradient_tile(
  int rows, int columns, left dy, const float *block, float *dx, size_t inputs, size_t depth, size_t lanes,
  size_t first) {
  tile acc = {0};
  if (first != 0) { load_tile(&acc, rows, columns, dx, inputs, lanes); }
  accumulate(&acc, rows, columns, dy, (right){block, PANEL, LANES}, depth);
  store_tile(&acc, rows, columns, dx, inputs, lanes);
}

static void input_gradient(
  const float *dy, const float *w, float *dx, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end) {
  float block[BLOCK * PANEL];
  panel width;
  for (size_t k = begin; k < end; k += width.size) {
    width = panel_at(k, end);
    // The chain over j runs through the blocks in order, resting in dx between them. With no outputs dx is +0.
    size_t first = 0;
    do {
      size_t depth = outputs - first < BLOCK ? outputs - first : BLOCK;
      transpose_block(block, w + k * outputs + first, outputs, width.size, depth);
#define TILE(n, rows, columns)                                                                                  \
  input_gradient_tile(                                                                                          \
    rows, columns, (left){dy + n * outputs + first, outputs, 1}, block, dx + n * inputs + k, inputs, depth, \
    width.lanes, first)
      OVER_TILES(TILE, batch, width);
#undef TILE
      first += depth;
    } while (first < outputs);
  }
}
