/// Prefixes that chains share.
///
/// Two chains that start at the same value and have the same factors have the same accumulators, bit for bit, until the
/// first index at which the factors differ. All chains of column j of a product use the same column of the right operand.
/// So they agree as long as their rows of the left operand agree. Images have a constant background: the rows of the left
/// operand (the images) or its columns (the pixels) begin with the same value c, often for many steps. This prefix is
/// computed once, and every row begins at its first other value. Values are compared by their bits, never as numbers, so
/// this holds for every input, −0 and NaN included. README.md has the argument in full.
///
/// Rows are independent outputs. They are worked on in the order of their prefixes, so that the rows of one tile have
/// prefixes of about the same length.

/// How many rows are ordered at a time.
enum { GROUP = 1024 };

/// The rows 0 ..< count of a group in the order in which they are worked on. The first start[i] values of row
/// order[i] have the bits of c; start ascends.
typedef struct prefixes {
  float value;
  size_t count;
  uint16_t order[GROUP], start[GROUP];
} prefixes;

/// Rows in their own order that share nothing.
INLINE void have_no_prefixes(prefixes *rows, size_t count) {
  rows->count = count;
  for (size_t i = 0; i < count; i++) {
    rows->order[i] = (uint16_t)i;
    rows->start[i] = 0;
  }
}

/// Whether prefixes of `saved` steps in total are worth reordering `count` rows of `depth` steps: memory is fastest if rows
/// stay in their own order.
INLINE int is_worth(size_t saved, size_t count, size_t depth) { return saved * 32 >= count * depth; }

/// Orders `count` rows of which row i begins with length[i] ≤ depth values of the bits of c.
static void order_by_prefix(prefixes *rows, const int32_t *length, size_t count, size_t depth) {
  enum { BUCKETS = 256 };
  size_t sum = 0;
  rows->count = count;
  for (size_t i = 0; i < count; i++) { sum += (size_t)length[i]; }
  if (!is_worth(sum, count, depth)) { return have_no_prefixes(rows, count); }
  size_t place[BUCKETS] = {0}, shift = 0;
  while (depth >> shift >= BUCKETS) { shift++; }
  for (size_t i = 0; i < count; i++) { place[length[i] >> shift]++; }
  for (size_t bucket = 0, first = 0; bucket < BUCKETS; bucket++) {
    size_t size = place[bucket];
    place[bucket] = first;
    first += size;
  }
  for (size_t i = 0; i < count; i++) {
    size_t at = place[length[i] >> shift]++;
    rows->order[at] = (uint16_t)i;
    rows->start[at] = (uint16_t)length[i];
  }
  // A prefix may always be taken as shorter than it is.
  for (size_t i = count; i-- > 1;) {
    if (rows->start[i] < rows->start[i - 1]) { rows->start[i - 1] = rows->start[i]; }
  }
}

/// Whether two floats have the same bits.
INLINE int has_bits(float x, float y) {
  uint32_t a, b;
  __builtin_memcpy(&a, &x, sizeof a);
  __builtin_memcpy(&b, &y, sizeof b);
  return a == b;
}

/// How much of a row is fetched while the two rows before it are searched: the length of the background of most images.
enum { FETCHED_VALUES = 256 };

/// The prefixes of `count` rows of x, of which row i holds the `depth` values at x + i·stride.
static void find_row_prefixes(prefixes *rows, const float *x, size_t stride, size_t count, size_t depth) {
  int32_t length[GROUP];
  size_t longest = depth < UINT16_MAX ? depth : UINT16_MAX;
  rows->value = depth == 0 ? 0 : x[0];
  vi value = (vi)(vf)rows->value;
  for (size_t i = 0; i < count; i++) {
    const float *row = x + i * stride;
    size_t k = 0;
    if (i + 2 < count) {
      size_t end = longest < FETCHED_VALUES ? longest : FETCHED_VALUES;
      for (size_t d = 0; d < end; d += LINE_FLOATS) { __builtin_prefetch(row + 2 * stride + d); }
    }
    while (k + LANES <= longest && !__builtin_reduce_or((vi)load(row + k, LANES) != value)) { k += LANES; }
    while (k < longest && has_bits(row[k], rows->value)) { k++; }
    length[i] = (int32_t)k;
  }
  order_by_prefix(rows, length, count, depth);
}

/// Vectors of columns that are searched at a time.
enum { SEARCHED = 4 };

/// `find_column_prefixes` of so many vectors of columns; `lanes` of each are columns of x.
INLINE void search_columns(
  int32_t *length, vi value, const float *x, size_t stride, size_t depth, int vectors, size_t lanes) {
  vi left[SEARCHED], steps[SEARCHED];
  for (int c = 0; c < vectors; c++) {
    left[c] = (vi)(int32_t)-1;
    steps[c] = (vi)(int32_t)0;
  }
  for (size_t d = 0; d < depth; d++, x += stride) {
    vi others = (vi)(int32_t)0;
    for (int c = 0; c < vectors; c++) {
      __builtin_prefetch(x + 2 * stride + c * LANES);
      left[c] &= (vi)load(x + c * LANES, lanes) == value;
      steps[c] -= left[c];
      others |= left[c];
    }
    if (!any(others)) { break; }
  }
  for (int c = 0; c < vectors; c++) { *(vi *)(length + c * LANES) = steps[c]; }
}

/// length[i] ← how many values at the start of column i of x (x[i], x[i + stride], …; at most `depth`) have the bits of
/// `value_of_all`. length has room for `count` ≤ GROUP rounded up to LANES.
static void find_column_prefixes(
  int32_t *length, float value_of_all, const float *x, size_t stride, size_t count, size_t depth) {
  vi value = (vi)(vf)value_of_all;
  size_t i = 0;
  for (; i + SEARCHED * LANES <= count; i += SEARCHED * LANES) {
    search_columns(length + i, value, x + i, stride, depth, SEARCHED, LANES);
  }
  for (; i + LANES <= count; i += LANES) { search_columns(length + i, value, x + i, stride, depth, 1, LANES); }
  if (i < count) { search_columns(length + i, value, x + i, stride, depth, 1, count - i); }
}

/// How many steps of chains the tiles over these rows execute for one output column; `depth` is the length of a chain.
static size_t executed_steps(const prefixes *rows, size_t depth) {
  size_t steps = rows->count == 0 ? 0 : rows->start[rows->count - 1];
#define TILE(i, tile_rows, columns) steps += tile_rows * (depth - rows->start[i])
  OVER_ROWS(TILE, rows->count, 0);
#undef TILE
  return steps;
}
