/// The input gradient: the product with the transposed weights.

/// Four floats in memory.
typedef float quad_memory __attribute__((ext_vector_type(4), aligned(4), may_alias));

/// A quad from each of LANES/4 rows of x, four rows apart.
INLINE vf load_quads(const float *x, size_t stride) {
#define QUAD(i) (*(const quad_memory *)(x + 4 * (i) * stride))
#define PAIR(i) __builtin_shufflevector(QUAD(i), QUAD(i + 1), 0, 1, 2, 3, 4, 5, 6, 7)
#if LANES == 16
  return __builtin_shufflevector(PAIR(0), PAIR(2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif LANES == 8
  return PAIR(0);
#else
  return QUAD(0);
#endif
#undef PAIR
#undef QUAD
}

/// The places of a shuffle of two vectors: the same ones in each quad.
#if LANES == 16
#define EACH_QUAD(a, b, c, d) \
  a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12, d + 12
#elif LANES == 8
#define EACH_QUAD(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#else
#define EACH_QUAD(a, b, c, d) a, b, c, d
#endif

/// The transpose of LANES rows of four columns of x, which are `from` apart: four vectors that are `to` apart. Quads are
/// loaded so that a transpose within each of them brings every value to its place.
INLINE void transpose_strip(float *y, size_t to, const float *x, size_t from) {
  vf a = load_quads(x, from), b = load_quads(x + from, from);
  vf c = load_quads(x + 2 * from, from), d = load_quads(x + 3 * from, from);
  vf ab01 = __builtin_shufflevector(a, b, EACH_QUAD(0, LANES + 0, 1, LANES + 1));
  vf ab23 = __builtin_shufflevector(a, b, EACH_QUAD(2, LANES + 2, 3, LANES + 3));
  vf cd01 = __builtin_shufflevector(c, d, EACH_QUAD(0, LANES + 0, 1, LANES + 1));
  vf cd23 = __builtin_shufflevector(c, d, EACH_QUAD(2, LANES + 2, 3, LANES + 3));
  store(y, __builtin_shufflevector(ab01, cd01, EACH_QUAD(0, 1, LANES + 0, LANES + 1)), LANES);
  store(y + to, __builtin_shufflevector(ab01, cd01, EACH_QUAD(2, 3, LANES + 2, LANES + 3)), LANES);
  store(y + 2 * to, __builtin_shufflevector(ab23, cd23, EACH_QUAD(0, 1, LANES + 0, LANES + 1)), LANES);
  store(y + 3 * to, __builtin_shufflevector(ab23, cd23, EACH_QUAD(2, 3, LANES + 2, LANES + 3)), LANES);
}

/// y[d·to + r] = x[r·from + d] for r < rows and d < columns. It goes along rows of x, which are on few pages of memory.
INLINE void transpose(float *y, size_t to, const float *x, size_t from, size_t rows, size_t columns) {
  size_t high = rows / LANES * LANES, wide = columns & ~(size_t)3;
  for (size_t r = 0; r < high; r += LANES) {
    for (size_t d = 0; d < wide; d += 4) { transpose_strip(y + d * to + r, to, x + r * from + d, from); }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t d = r < high ? wide : 0; d < columns; d++) { y[d * to + r] = x[r * from + d]; }
  }
}

/// block[d·PANEL + c] = w[c·stride + d] for c < columns and d < depth; the other columns of a block row are +0.
INLINE void transpose_block(float *block, const float *w, size_t stride, size_t columns, size_t depth) {
  transpose(block, PANEL, w, stride, columns, depth);
  for (size_t d = 0; columns < PANEL && d < depth; d++) {
    for (size_t c = columns; c < PANEL; c++) { block[d * PANEL + c] = 0.0f; }
  }
}

/// The steps first ..< end of the chains of a tile; the accumulators are in dx between blocks.
INLINE void input_gradient_tile(
  int rows, int columns, left dy, const block *transposed, float *dx, size_t inputs, const uint16_t *order,
  size_t lanes, size_t first, size_t end) {
  tile acc = {0};
  if (first != 0) { load_tile(&acc, rows, columns, dx, inputs, order, lanes); }
  accumulate_kept(&acc, rows, columns, dy, transposed->row[0], first, first, end);
  store_tile(&acc, rows, columns, dx, inputs, order, lanes);
}

static void input_gradient(
  const float *dy, const float *w, float *dx, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end) {
  static const uint16_t in_order[] = {0, 1, 2, 3, 4, 5, 6, 7};
  block transposed;
  panel width;
  for (size_t k = begin; k < end; k += width.size) {
    width = panel_at(k, end);
    // The chain over j runs through the blocks in order. With no outputs dx is +0.
    size_t first = 0;
    do {
      size_t last = outputs - first < BLOCK ? outputs : first + BLOCK;
      transpose_block(transposed.row[0], w + k * outputs + first, outputs, width.size, last - first);
#define TILE(n, rows, columns)                                                                            \
  input_gradient_tile(                                                                                    \
    rows, columns, left_rows(dy + n * outputs, outputs, in_order, rows, 1), &transposed, dx + n * inputs + k, \
    inputs, in_order, width.lanes, first, last)
      OVER_TILES(TILE, batch, width);
#undef TILE
      first = last;
    } while (first < outputs);
  }
}
