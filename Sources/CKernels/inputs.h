/// The input gradient of one variant: the product with the transposed weights. Included once by each kernels_*.c, after
/// tiles.h.

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

/// The steps first ..< end of the chains of a tile, which rest in dx between blocks.
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
