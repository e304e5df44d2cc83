/// The forward product.

/// The first tile of a block reads the weights where they are, and keeps them for the other tiles. The weights of a split
/// panel are kept before its first tile.
typedef enum product_role { FIRST_TILE, LATER_TILE, TILE_OF_SPLIT_PANEL } product_role;

/// The steps first ..< end of the chains of a tile, without those of its prefix; the accumulators are in y between calls.
/// w, y and bias are whole rows, of which the panel has some columns. The chains begin with bias; if it is null, with y.
INLINE void product_tile(
  int rows, int columns, left x, const float *w, const float *bias, block *kept, product_role role, float *y,
  size_t outputs, panel_columns at, const uint16_t *order, size_t start, size_t first, size_t end) {
  if (start >= end) { return; }
  size_t begin = start > first ? start : first;
  tile acc;
  const float *from = bias ? bias : y;
  size_t stride = bias ? 0 : outputs;
  if (role == TILE_OF_SPLIT_PANEL) {
    load_split_tile(&acc, rows, columns, from, stride, order, at);
  } else {
    load_tile(&acc, rows, columns, from + at.begin, stride, order, at.width.lanes);
  }
  if (role == FIRST_TILE) {
    right factor = {w + at.begin, outputs, at.width.lanes};
    accumulate(&acc, rows, columns, x, factor, begin, end, kept, first);
  } else {
    accumulate_kept(&acc, rows, columns, x, kept->row[0], first, begin, end);
  }
  if (role == TILE_OF_SPLIT_PANEL) {
    store_split_tile(&acc, rows, columns, y, outputs, order, at);
  } else {
    store_tile(&acc, rows, columns, y + at.begin, outputs, order, at.width.lanes);
  }
}

/// Keeps the rows first ..< end of w in a split panel.
INLINE void keep_split_panel(block *kept, const float *w, size_t outputs, panel_columns at, size_t first, size_t end) {
  for (size_t d = first; d < end; d++) {
    for (int c = 0; c < at.width.columns; c++) {
      store(kept->row[d - first] + c * LANES, load_split(w + d * outputs, seam_of(at, c)), LANES);
    }
  }
}

/// The steps of one group of rows: `depth` columns of x, whose rows are `inputs` long, and as many rows of w, for the columns
/// begin ..< end of the circle. A block of columns of x is used for all panels before the next block, so that it stays in
/// the second-level cache.
INLINE void product_group(
  const prefixes *rows, const float *x, const float *w, const float *bias, float *y, size_t inputs, size_t depth,
  size_t outputs, size_t begin, size_t end) {
  block kept;
  size_t blocks = (depth + BLOCK - 1) / BLOCK, size = blocks == 0 ? 0 : (depth + blocks - 1) / blocks;
  panel_columns at;
  for (size_t k = 0; k < depth; k += size, bias = 0) {
    size_t end_of_block = depth - k < size ? depth : k + size;
    for (size_t j = begin; j < end; j += at.width.size) {
      at = columns_at(j, end, outputs, 1);
#define PRODUCT_TILE(i, tile_rows, columns, role)                                                     \
  product_tile(                                                                                       \
    tile_rows, columns, left_rows(x, inputs, rows->order + i, tile_rows, 1), w, bias, &kept, role, y, \
    outputs, at, rows->order + i, rows->start[i], k, end_of_block)
#define TILE(i, tile_rows, columns)                  \
  if (i == 0) {                                      \
    PRODUCT_TILE(i, tile_rows, columns, FIRST_TILE); \
  } else {                                           \
    PRODUCT_TILE(i, tile_rows, columns, LATER_TILE); \
  }
#define TILE_OF_SPLIT(i, tile_rows, columns) PRODUCT_TILE(i, tile_rows, columns, TILE_OF_SPLIT_PANEL)
      if (at.is_split) {
        keep_split_panel(&kept, w, outputs, at, k, end_of_block);
        OVER_TILES(TILE_OF_SPLIT, rows->count, at.width);
      } else {
        OVER_TILES(TILE, rows->count, at.width);
      }
#undef TILE_OF_SPLIT
#undef TILE
#undef PRODUCT_TILE
    }
  }
}

static void product(
  const float *x, const float *w, const float *bias, float *y, size_t batch, size_t inputs, size_t outputs,
  size_t first, size_t last, size_t begin, size_t end) {
  prefixes rows;
  size_t circle = first_column(w, outputs);
  // Strips begin at column 0. So the columns that are not in whole strips are counted from column 0 too.
  if (end - begin == outputs) {
    size_t done = product_strips(x, w, bias, y, batch, inputs, outputs, first, last);
    if (done > 0) {
      begin = done;
      circle = 0;
    }
  }
  if (begin == end) { return; }
  begin += circle;
  end += circle;
  for (size_t n = 0; n < batch; n += GROUP) {
    const float *group = x + n * inputs + first;
    size_t count = batch - n < GROUP ? batch - n : GROUP;
    const float *start = 0;
    if (first > 0) {
      have_no_prefixes(&rows, count);
    } else {
      find_row_prefixes(&rows, group, inputs, count, last);
      if (bias && last > 0 && rows.start[count - 1] == 0) {
        start = bias;
      } else {
        lead_round(&rows, w, bias, y + n * outputs, outputs, begin, end);
      }
    }
    product_group(
      &rows, group, w + first * outputs, start, y + n * outputs, inputs, last - first, outputs, begin, end);
  }
}

static size_t product_work(const float *x, size_t batch, size_t inputs, size_t outputs) {
  size_t whole = columns_in_strips(x, inputs, batch, inputs, outputs), steps = 0;
  for (size_t n = 0; n < batch && whole < outputs; n += GROUP) {
    prefixes rows;
    find_row_prefixes(&rows, x + n * inputs, inputs, batch - n < GROUP ? batch - n : GROUP, inputs);
    steps += executed_steps(&rows, inputs);
  }
  return whole * count_nonzeros(x, batch * inputs) + (outputs - whole) * steps;
}
