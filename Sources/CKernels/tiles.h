/// Chains over one register tile.
///
/// A tile holds rows × columns vectors of accumulators. Every accumulator is the chain of one output element, in
/// order; the tile's shape decides only which chains run side by side.

/// Two vectors a row: one broadcast feeds two fused operations.
enum { PANEL = 2 * LANES };

/// Floats of a cache line.
enum { LINE_FLOATS = 16 };

typedef struct tile {
  vf row[TILE_ROWS][2];
} tile;

/// The left operand: element (r, d) of a tile is row[r][d·step]. The rows may be anywhere in memory.
typedef struct left {
  const float *row[TILE_ROWS];
  size_t step;
} left;

/// The rows start + order[r]·stride, which hold every step-th element.
INLINE left left_rows(const float *start, size_t stride, const uint16_t *order, int rows, size_t step) {
  left result = {.step = step};
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) { result.row[r] = start + order[r] * stride; }
  return result;
}

/// The right operand: element (d, c) of a tile is start[d·stride + c]; `lanes` of the last vector are used.
typedef struct right {
  const float *start;
  size_t stride, lanes;
} right;

/// Rows of the right operand that a panel keeps: 25 KB in the first-level cache, aligned, one row of PANEL values for each
/// index. In the matrix the rows are far apart: there they would share few sets of that cache, and a load that crosses a
/// cache line costs two.
enum { BLOCK = 6400 / PANEL };
typedef struct block {
  _Alignas(64) float row[BLOCK][PANEL];
} block;

/// Row r of one index of the chains: acc[r][c] ← fma(a[r, d], b[d, c], acc[r][c]). A macro, and not a loop over r,
/// because debug builds unroll nothing.
#define ACCUMULATE_ROW(r)                                                         \
  if (rows > r) {                                                                 \
    vf factor = (vf)a.row[r][at];                                                 \
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

/// A row that will be kept is fetched so many rows before it is used.
enum { ROWS_BEFORE_USE = 8 };

/// The chains over d in begin ..< end. `rows` and `columns` are constants; b.lanes < LANES only with one column.
/// `kept`, where it is not null, receives the row of the right operand at d as kept->row[d − first].
///
/// If the vector is not full, its load may reach into the next row. Those values are computed in lanes that are never
/// stored. After the last rows nothing may be read, so these rows are loaded lane by lane.
INLINE void accumulate(
  tile *acc, int rows, int columns, left a, right b, size_t begin, size_t end, block *kept, size_t first_kept) {
  size_t careful = columns == 2 ? 0 : (LANES - b.lanes + b.stride - 1) / b.stride;
  size_t whole = careful < end ? end - careful : 0;
  const float *q = b.start + begin * b.stride;
  size_t d = begin, at = begin * a.step;
  for (; d < whole; d++, at += a.step, q += b.stride) {
    vf first = *(const vf_memory *)q, second;
    if (columns == 2) { second = *(const vf_memory *)(q + LANES); }
    if (kept) {
      const float *later = q + ROWS_BEFORE_USE * b.stride;
      __builtin_prefetch(later);
      if (columns == 2) {
        __builtin_prefetch(later + LANES);
        __builtin_prefetch(later + PANEL - 1);
      }
      *(vf *)kept->row[d - first_kept] = first;
      if (columns == 2) { *(vf *)(kept->row[d - first_kept] + LANES) = second; }
    }
    ACCUMULATE_ROWS
  }
  if (columns == 1) {
    for (; d < end; d++, at += a.step, q += b.stride) {
      vf first = load(q, b.lanes), second = first;
      if (kept) { *(vf *)kept->row[d - first_kept] = first; }
      ACCUMULATE_ROWS
    }
  }
}

/// The same with rows of PANEL values that were kept: the row of d is at kept + (d − first)·PANEL, aligned. Four steps a
/// turn: processors predict the end of a loop of 16 turns, but not of 64.
INLINE void accumulate_kept(
  tile *acc, int rows, int columns, left a, const float *kept, size_t first_kept, size_t begin, size_t end) {
  const float *q = kept + (begin - first_kept) * PANEL;
  size_t at = begin * a.step;
  _Pragma("clang loop unroll_count(4)") for (size_t d = begin; d < end; d++, at += a.step, q += PANEL) {
    vf first = *(const vf *)q, second;
    if (columns == 2) { second = *(const vf *)(q + LANES); }
    ACCUMULATE_ROWS
  }
}

/// Rows order[0 ..< rows] of y, each `stride` floats long, from where y points.
INLINE void load_tile(
  tile *acc, int rows, int columns, const float *y, size_t stride, const uint16_t *order, size_t lanes) {
  for (int r = 0; r < rows; r++) {
    const float *row = y + order[r] * stride;
    acc->row[r][0] = load(row, columns == 2 ? LANES : lanes);
    if (columns == 2) { acc->row[r][1] = load(row + LANES, LANES); }
  }
}

INLINE void store_tile(
  const tile *acc, int rows, int columns, float *y, size_t stride, const uint16_t *order, size_t lanes) {
  for (int r = 0; r < rows; r++) {
    float *row = y + order[r] * stride;
    store(row, acc->row[r][0], columns == 2 ? LANES : lanes);
    if (columns == 2) { store(row + LANES, acc->row[r][1], LANES); }
  }
}

/// How many of `total` rows are in full tiles. With tiles of six, eight rows at the end make two tiles of four: a tile of two
/// would not hide the latency of a fused operation.
INLINE size_t rows_in_full_tiles(size_t total) {
  return TILE_ROWS == 6 && total % 6 == 2 && total >= 8 ? total - 8 : total / TILE_ROWS * TILE_ROWS;
}

/// Calls TILE(row, rows, columns) with constant rows over all tiles of `total` rows: full ones first, then 4, 2 and 1.
#define OVER_ROWS(TILE, total, columns)                                                      \
  do {                                                                                       \
    size_t row = 0, full = rows_in_full_tiles(total);                                        \
    for (; row < full; row += TILE_ROWS) { TILE(row, TILE_ROWS, columns); }                  \
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

/// The panel of output columns that starts at j: two full vectors, or one, or part of one at the end.
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
