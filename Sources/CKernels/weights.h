/// The weight gradient of one variant, stored or used by SGD. Included once by each kernels_*.c, after prefixes.h.

/// A unit that is dead for some hundred steps leaves velocities below the least normal number, where they stay (0.9 times
/// the least subnormal number rounds to it again), and x86 processors take some hundred cycles for every operation on
/// such a number. So they are kept away from it, to the bit: in units of 2⁻¹⁴⁹ a subnormal number is an integer, whose
/// product with the momentum is exact in double and rounds to an integer as the fused operation does.

/// In every lane whether x is subnormal.
INLINE vi is_subnormal(vf x) {
  vi magnitude = (vi)x & 0x7fffffff;
  return (magnitude > 0) & (magnitude < 0x00800000);
}

INLINE int any(vi mask) { return __builtin_reduce_or(mask) != 0; }

INLINE vi scaled_integers(vi integer, float factor) {
  vi result;
  for (int half = 0; half < 2; half++) {
    hi part;
    __builtin_memcpy(&part, (char *)&integer + half * sizeof part, sizeof part);
    // Adding and subtracting 1.5·2⁵² rounds to an integer, ties to even.
    vd rounded = (__builtin_convertvector(part, vd) * (vd)(double)factor + 0x1.8p52) - 0x1.8p52;
    part = __builtin_convertvector(rounded, hi);
    __builtin_memcpy((char *)&result + half * sizeof part, &part, sizeof part);
  }
  return result;
}

/// fma(momentum, v, g) where v is subnormal and g is 0 in the lanes of `chosen`, for a momentum from 0 to 1.
static __attribute__((noinline)) vf decayed(float momentum, vf v, vf g, vi chosen) {
  vi scaled = scaled_integers((vi)v & 0x7fffffff & chosen, momentum) | ((vi)v & (int32_t)0x80000000);
  vf usual = FUSED((vf)momentum, (vf)((vi)v & ~chosen), g);
  return (vf)((scaled & chosen) | ((vi)usual & ~chosen));
}

/// fma(momentum, v, g)
INLINE vf next_velocity(float momentum, vf v, vf g) {
  vi chosen = is_subnormal(v) & ((vi)(g == 0.0f));
  if (any(chosen) && momentum >= 0 && momentum <= 1) { return decayed(momentum, v, g, chosen); }
  return FUSED((vf)momentum, v, g);
}

/// fma(−rate, direction, p). With a rate of at most 2⁸ and |p| ≥ 2⁻⁹⁰, p stays: rate·2⁻¹²⁶ ≤ 2⁻¹¹⁸ is below 2⁻²⁶·2⁻⁹⁰, half the
/// distance from p to its nearer neighbour or less.
INLINE vf moved(float rate, vf direction, vf p) {
  vi staying = is_subnormal(direction) & (((vi)p & 0x7f800000) >= (127 - 90) << 23);
  if (any(staying) && rate >= 0 && rate <= 256) { direction = (vf)((vi)direction & ~staying); }
  return FUSED((vf)-rate, direction, p);
}

/// One SGD step on `lanes` parameters.
INLINE void sgd_vector(float *p, float *v, vf g, const nc_sgd_rule *rule, size_t lanes) {
  vf parameter = load(p, lanes);
  if (rule->weight_decay != 0) { g = FUSED((vf)rule->weight_decay, parameter, g); }
  if (rule->momentum != 0) {
    vf velocity = g;
    if (rule->buffer == NC_BUFFER_FILLED) { velocity = next_velocity(rule->momentum, load(v, lanes), g); }
    store(v, velocity, lanes);
    g = rule->form == NC_NESTEROV ? FUSED((vf)rule->momentum, velocity, g) : velocity;
  }
  store(p, moved(rule->learning_rate, g, parameter), lanes);
}

static void sgd(float *p, float *v, const float *g, nc_sgd_rule rule, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) { sgd_vector(p + i, v + i, load(g + i, LANES), &rule, LANES); }
  if (i < count) { sgd_vector(p + i, v + i, load(g + i, count - i), &rule, count - i); }
}

/// What becomes of a tile of the gradient. The usual rule has no branches, so that its tile stays in registers.
typedef enum gradient_use { STORED, USED_BY_ANY_RULE, USED_BY_LATER_MOMENTUM_STEP } gradient_use;

INLINE gradient_use use_of(const nc_sgd_rule *rule) {
  int is_plain = rule->weight_decay == 0 && rule->form == NC_CLASSICAL;
  int is_usual = is_plain && rule->momentum != 0 && rule->buffer == NC_BUFFER_FILLED;
  return is_usual ? USED_BY_LATER_MOMENTUM_STEP : USED_BY_ANY_RULE;
}

/// Where the gradient goes: stored at p, or into the parameters p and their velocities v by the rule.
typedef struct target {
  gradient_use use;
  float *p, *v;
  nc_sgd_rule rule;
} target;

/// One vector of the gradient, that of the parameters at `at`.
INLINE void use_vector(const target *to, vf gradient, size_t at, size_t lanes) {
  if (to->use == STORED) {
    store(to->p + at, gradient, lanes);
  } else if (to->use == USED_BY_LATER_MOMENTUM_STEP) {
    vf velocity = next_velocity(to->rule.momentum, load(to->v + at, lanes), gradient);
    vf parameter = moved(to->rule.learning_rate, velocity, load(to->p + at, lanes));
    store(to->v + at, velocity, lanes);
    store(to->p + at, parameter, lanes);
  } else {
    sgd_vector(to->p + at, to->v + at, gradient, &to->rule, lanes);
  }
}

/// Columns of a panel of the gradient. A load or store that crosses cache lines costs two, so panels begin where the
/// target's rows have full alignment: the columns begin ..< end are taken from begin + head on, in a circle. The vector
/// that meets the end then holds columns of both ends; it is the last one, and `is_split` says so.
typedef struct column_circle {
  size_t begin, end, head;
} column_circle;
typedef struct gradient_columns {
  panel width;
  size_t begin;
  int is_split;
} gradient_columns;

/// The circle of columns that suits rows of `outputs` floats at p; without a head where that cannot be had.
INLINE column_circle circle_of(const float *p, size_t outputs, size_t begin, size_t end) {
  size_t head = (LANES - ((uintptr_t)(p + begin) / sizeof(float)) % LANES) % LANES;
  int is_possible = outputs % LANES == 0 && (end - begin) % LANES == 0 && head % 4 == 0;
  return (column_circle){begin, end, is_possible ? head : 0};
}

/// The panel that begins `done` columns after the head.
INLINE gradient_columns columns_at(const column_circle *circle, size_t done) {
  gradient_columns result = {panel_at(done, circle->end - circle->begin), circle->begin + circle->head + done, 0};
  result.is_split = result.begin + result.width.size > circle->end;
  return result;
}

/// Quad q of the last vector of a split panel begins at this column.
INLINE size_t split_column(const column_circle *circle, size_t q) {
  size_t column = circle->end + circle->head - LANES + 4 * q;
  return column < circle->end ? column : column - (circle->end - circle->begin);
}

/// A panel of dy: its first rows, aligned, and the chains over each prefix of them whose other factor is the common
/// value; prefix[n] are those over n rows.
typedef struct gradient_panel {
  block dy;
  _Alignas(64) float prefix[BLOCK + 1][PANEL];
} gradient_panel;

/// Keeps `depth` rows of dy, and the chains over as many of them as the longest prefix wants.
INLINE void keep_panel(
  gradient_panel *kept, const float *dy, size_t outputs, const column_circle *circle, gradient_columns at,
  size_t depth, float value, size_t longest) {
  vf sum[2] = {(vf)0.0f, (vf)0.0f};
  store(kept->prefix[0], sum[0], LANES);
  store(kept->prefix[0] + LANES, sum[1], LANES);
  for (size_t n = 0; n < depth; n++, dy += outputs) {
    float *row = kept->dy.row[n];
    for (int c = 0; c < at.width.columns; c++) {
      if (at.is_split && c == at.width.columns - 1) {
        for (size_t q = 0; q < LANES / 4; q++) {
          __builtin_memcpy(row + c * LANES + 4 * q, dy + split_column(circle, q), 4 * sizeof(float));
        }
      } else {
        store(row + c * LANES, load(dy + at.begin + (size_t)c * LANES, at.width.lanes), LANES);
      }
      if (n < longest) {
        sum[c] = FUSED((vf)value, load(row + c * LANES, LANES), sum[c]);
        store(kept->prefix[n + 1] + c * LANES, sum[c], LANES);
      }
    }
  }
}

/// Asks for the rows of the target that the next tile will use, each PANEL floats long.
INLINE void fetch_rows(const target *to, size_t j, size_t outputs, const uint16_t *order, size_t count) {
  enum { LINE_FLOATS = 16 };
  if (to->use == STORED) { return; }
  for (size_t r = 0; r < count; r++) {
    for (size_t c = 0; c < PANEL; c += LINE_FLOATS) {
      __builtin_prefetch(to->p + order[r] * outputs + j + c, 1);
      __builtin_prefetch(to->v + order[r] * outputs + j + c, 1);
    }
  }
}

/// The rows of a split panel are used vector by vector, the last vector by quads.
INLINE void use_split(
  const tile *acc, int rows, const target *to, const column_circle *circle, gradient_columns at, size_t outputs,
  const uint16_t *order) {
  int last = at.width.columns - 1;
  for (int r = 0; r < rows; r++) {
    size_t row = order[r] * outputs;
    if (last == 1) { use_vector(to, acc->row[r][0], row + at.begin, LANES); }
    float gradient[LANES];
    store(gradient, acc->row[r][last], LANES);
    for (size_t q = 0; q < LANES / 4; q++) {
      use_vector(to, load(gradient + 4 * q, 4), row + split_column(circle, q), 4);
    }
  }
}

/// The chains over n of one tile: over its prefix, over the rest of the rows that are kept, and over the others.
INLINE void gradient_tile(
  int rows, int columns, left x, right dy, const gradient_panel *kept, size_t start, size_t depth, size_t batch,
  const target *to, const column_circle *circle, gradient_columns at, size_t outputs, const uint16_t *order) {
  tile acc;
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    acc.row[r][0] = *(const vf *)kept->prefix[start];
    if (columns == 2) { acc.row[r][1] = *(const vf *)(kept->prefix[start] + LANES); }
  }
  accumulate_kept(&acc, rows, columns, x, &kept->dy, 0, start, depth);
  if (depth < batch) { accumulate(&acc, rows, columns, x, dy, depth, batch, 0, 0); }
  if (at.is_split) {
    tile copy = acc;
    return use_split(&copy, rows, to, circle, at, outputs, order);
  }
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      size_t vector = order[r] * outputs + at.begin + (size_t)c * LANES;
      use_vector(to, acc.row[r][c], vector, columns == 2 ? LANES : dy.lanes);
    }
  }
}

/// The gradient of one group of inputs, whose weights begin at to->p.
INLINE void gradient_group(
  const prefixes *group, const float *x, const float *dy, const target *to, size_t batch, size_t inputs,
  size_t outputs, size_t begin, size_t end) {
  gradient_panel kept;
  size_t depth = batch < BLOCK ? batch : BLOCK, longest = group->start[group->count - 1];
  column_circle circle = circle_of(to->p, outputs, begin, end);
  // Rows that are not kept are read where they are, from one column on.
  if (depth < batch) { circle.head = 0; }
  gradient_columns at;
  for (size_t done = 0; done < end - begin; done += at.width.size) {
    at = columns_at(&circle, done);
    keep_panel(&kept, dy, outputs, &circle, at, depth, group->value, longest);
#define TILE(i, rows, columns)                                                                              \
  fetch_rows(to, at.begin, outputs, group->order + i + rows, group->count - i - rows < rows ? 0 : rows);      \
  gradient_tile(                                                                                            \
    rows, columns, left_rows(x, 1, group->order + i, rows, inputs), (right){dy + at.begin, outputs, at.width.lanes}, \
    &kept, group->start[i], depth, batch, to, &circle, at, outputs, group->order + i)
    OVER_TILES(TILE, group->count, at.width);
#undef TILE
  }
}

/// The whole gradient for a use that is known where this is compiled in.
INLINE void gradient_for(
  gradient_use use, const float *x, const float *dy, float *p, float *v, const nc_sgd_rule *rule, size_t batch,
  size_t inputs, size_t outputs, size_t begin, size_t end) {
  prefixes group;
  for (size_t k = 0; k < inputs; k += GROUP) {
    find_column_prefixes(&group, x + k, inputs, inputs - k < GROUP ? inputs - k : GROUP, batch < BLOCK ? batch : BLOCK);
    target to = {use, p + k * outputs, v ? v + k * outputs : 0, *rule};
    gradient_group(&group, x + k, dy, &to, batch, inputs, outputs, begin, end);
  }
}

static void weight_gradient(
  const float *x, const float *dy, float *dw, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end) {
  nc_sgd_rule none = {0};
  gradient_for(STORED, x, dy, dw, 0, &none, batch, inputs, outputs, begin, end);
}

static void weight_step(
  const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  if (use_of(&rule) == USED_BY_LATER_MOMENTUM_STEP) {
    gradient_for(USED_BY_LATER_MOMENTUM_STEP, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  } else {
    gradient_for(USED_BY_ANY_RULE, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  }
}
