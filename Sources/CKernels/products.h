/// The forward product of one variant. Included once by each kernels_*.c, after prefixes.h.

/// How many vectors of one row run side by side: enough to hide the latency of a fused operation.
enum { LEADERS = 8 };

/// The chains of `vectors` vectors of columns, over the prefixes: row order[i] of y receives them after the steps that
/// its tile leaves out. w and y stand at the first of the columns.
INLINE void lead_strip(
  const prefixes *rows, const float *w, const float *bias, float *y, size_t outputs, int vectors, size_t lanes) {
  vf acc[LEADERS];
  for (int c = 0; c < vectors; c++) { acc[c] = bias ? load(bias + c * LANES, lanes) : (vf)0.0f; }
  vf value = (vf)rows->value;
  size_t k = 0;
#define TILE(first, tile_rows, columns)                                                                      \
  for (; k < rows->start[first]; k++) {                                                                      \
    for (int c = 0; c < vectors; c++) { acc[c] = FUSED(value, load(w + k * outputs + c * LANES, lanes), acc[c]); } \
  }                                                                                                          \
  for (size_t i = first; i < first + tile_rows; i++) {                                                       \
    for (int c = 0; c < vectors; c++) { store(y + rows->order[i] * outputs + c * LANES, acc[c], lanes); }     \
  }
  OVER_ROWS(TILE, rows->count, 0);
#undef TILE
}

/// The same for the columns begin ..< end.
static void lead(
  const prefixes *rows, const float *w, const float *bias, float *y, size_t outputs, size_t begin, size_t end) {
#define STRIP_AT(vectors, lanes) lead_strip(rows, w + j, bias ? bias + j : 0, y + j, outputs, vectors, lanes)
  size_t j = begin;
  for (; j + LEADERS * LANES <= end; j += LEADERS * LANES) { STRIP_AT(LEADERS, LANES); }
  for (; j + LANES <= end; j += LANES) { STRIP_AT(1, LANES); }
  if (j < end) { STRIP_AT(1, end - j); }
#undef STRIP_AT
}

/// The steps first ..< end of the chains of a tile, which rest in y before and after, from where its prefix ends. The
/// first tile meets the weights where they are and keeps them for the others.
INLINE void product_tile(
  int rows, int columns, left x, right w, block *kept, int is_first, float *y, size_t outputs, const uint16_t *order,
  size_t start, size_t first, size_t end) {
  if (start >= end) { return; }
  size_t begin = start > first ? start : first;
  tile acc;
  load_tile(&acc, rows, columns, y, outputs, order, w.lanes);
  if (is_first) {
    accumulate(&acc, rows, columns, x, w, begin, end, kept, first);
  } else {
    accumulate_kept(&acc, rows, columns, x, kept, first, begin, end);
  }
  store_tile(&acc, rows, columns, y, outputs, order, w.lanes);
}

/// The product of one group of rows.
INLINE void product_group(
  const prefixes *rows, const float *x, const float *w, const float *bias, float *y, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  block kept;
  lead(rows, w, bias, y, outputs, begin, end);
  size_t blocks = (inputs + BLOCK - 1) / BLOCK, size = blocks == 0 ? 0 : (inputs + blocks - 1) / blocks;
  panel width;
  for (size_t j = begin; j < end; j += width.size) {
    width = panel_at(j, end);
    for (size_t k = 0; k < inputs; k += size) {
      size_t last = inputs - k < size ? inputs : k + size;
#define TILE(i, tile_rows, columns)                                                                          \
  if (i == 0) {                                                                                              \
    product_tile(                                                                                            \
      tile_rows, columns, left_rows(x, inputs, rows->order, tile_rows, 1), (right){w + j, outputs, width.lanes}, \
      &kept, 1, y + j, outputs, rows->order, rows->start[0], k, last);                                       \
  } else {                                                                                                   \
    product_tile(                                                                                            \
      tile_rows, columns, left_rows(x, inputs, rows->order + i, tile_rows, 1),                               \
      (right){w + j, outputs, width.lanes}, &kept, 0, y + j, outputs, rows->order + i, rows->start[i], k, last); \
  }
      OVER_TILES(TILE, rows->count, width);
#undef TILE
    }
  }
}

static void product(
  const float *x, const float *w, const float *bias, float *y, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  prefixes rows;
  for (size_t n = 0; n < batch; n += GROUP) {
    find_row_prefixes(&rows, x + n * inputs, inputs, batch - n < GROUP ? batch - n : GROUP, inputs);
    product_group(&rows, x + n * inputs, w, bias, y + n * outputs, inputs, outputs, begin, end);
  }
}
