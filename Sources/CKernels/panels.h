/// Panels of columns, and the panels of dy that the weight gradient keeps.

/// The columns of a panel; `lanes` of its last vector are used. Columns are a circle: after the last column of a row
/// comes its first one. A panel that crosses this place is split: `until_end` columns, then the others from column 0.
typedef struct panel_columns {
  panel width;
  size_t begin, until_end;
  int is_split;
} panel_columns;

/// The first column of rows of `outputs` floats at p that begins a cache line. Panels begin there, because a load or store
/// that crosses two lines costs two. 0 if a row is not a whole number of lines.
INLINE size_t first_column(const float *p, size_t outputs) {
  size_t place = (uintptr_t)p / sizeof(float) % LINE_FLOATS;
  return outputs % LINE_FLOATS == 0 ? (LINE_FLOATS - place) % LINE_FLOATS : 0;
}

/// The panel at column `begin` of the circle of `outputs` columns, at most up to `end`. It is not split if it may not be, or
/// if its vector is not full.
INLINE panel_columns columns_at(size_t begin, size_t end, size_t outputs, int may_split) {
  size_t first = begin < outputs ? begin : begin - outputs, rest = outputs - first, count = end - begin;
  if (count > rest && !(may_split && count >= LANES)) { count = rest; }
  panel width = panel_at(0, count);
  return (panel_columns){width, first, rest, first + width.size > outputs};
}

/// Where vector c of a split panel is: `lanes` of it at the end of a row, from `before`; the others at its start, from `after`.
typedef struct seam {
  size_t lanes, before, after;
} seam;
INLINE seam seam_of(panel_columns at, int c) {
  size_t first = (size_t)c * LANES;
  if (at.until_end >= first + LANES) { return (seam){LANES, at.begin + first, LANES}; }
  size_t lanes = at.until_end <= first ? 0 : at.until_end - first;
  return (seam){lanes, at.begin + first, first + lanes - at.until_end};
}

/// The vector at a seam of a row.
INLINE vf load_split(const float *row, seam at) { return load_joined(row + at.before, row + at.after, at.lanes); }
INLINE void store_split(float *row, vf value, seam at) {
  store_joined(row + at.before, row + at.after, value, at.lanes);
}

/// The vectors of each row of a tile in a split panel of y.
INLINE void load_split_tile(
  tile *acc, int rows, int columns, const float *y, size_t stride, const uint16_t *order, panel_columns at) {
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c++) { acc->row[r][c] = load_split(y + order[r] * stride, seam_of(at, c)); }
  }
}
INLINE void store_split_tile(
  const tile *acc, int rows, int columns, float *y, size_t stride, const uint16_t *order, panel_columns at) {
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c++) { store_split(y + order[r] * stride, acc->row[r][c], seam_of(at, c)); }
  }
}

/// The maximum of the rows of dy that a gradient keeps, and of their values: panels and prefixes, 128 KiB each. A layer of 256
/// outputs and a batch of 128 fit, so that left factors are kept once, and not once for each group of panels.
enum { MOST_ROWS = 256, PANEL_VALUES = 128 * 256, MOST_PANELS = 256 / PANEL };

/// What a gradient keeps on the stack: dy by panels, row after row; and for each panel the accumulators after each number of
/// steps whose other factor is the common value. Those after n steps are at n·PANEL.
typedef struct gradient_panels {
  size_t count, depth;
  panel_columns at[MOST_PANELS];
  _Alignas(64) float dy[PANEL_VALUES];
  _Alignas(64) float prefix[PANEL_VALUES + MOST_PANELS * PANEL];
} gradient_panels;

INLINE const float *kept_dy(const gradient_panels *kept, size_t panel) {
  return kept->dy + panel * kept->depth * PANEL;
}
INLINE const float *kept_prefix(const gradient_panels *kept, size_t panel, size_t rows) {
  return kept->prefix + (panel * (kept->depth + 1) + rows) * PANEL;
}

/// Keeps one panel of dy, and the accumulators of as many steps as the longest prefix has; `columns` and `is_split` are
/// constants.
INLINE void keep_columns(
  gradient_panels *kept, size_t panel, int columns, int is_split, const float *dy, size_t outputs, float value,
  size_t longest) {
  vf sum[2] = {(vf)0.0f, (vf)0.0f};
  panel_columns at = kept->at[panel];
  float *row = kept->dy + panel * kept->depth * PANEL;
  float *prefix = kept->prefix + panel * (kept->depth + 1) * PANEL;
  for (size_t n = 0; n < kept->depth; n++, dy += outputs, row += PANEL) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      vf values = is_split ? load_split(dy, seam_of(at, c))
                           : load(dy + at.begin + c * LANES, columns == 2 ? LANES : at.width.lanes);
      store(row + c * LANES, values, LANES);
      if (n <= longest) {
        store(prefix + n * PANEL + c * LANES, sum[c], LANES);
        sum[c] = FUSED((vf)value, values, sum[c]);
      }
    }
  }
  if (longest == kept->depth) {
    for (int c = 0; c < columns; c++) { store(prefix + longest * PANEL + c * LANES, sum[c], LANES); }
  }
}

INLINE void keep_panel(
  gradient_panels *kept, size_t panel, const float *dy, size_t outputs, float value, size_t longest) {
  panel_columns at = kept->at[panel];
#define KEEP(columns, is_split) keep_columns(kept, panel, columns, is_split, dy, outputs, value, longest)
  if (at.width.columns == 2) {
    at.is_split ? KEEP(2, 1) : KEEP(2, 0);
  } else {
    at.is_split ? KEEP(1, 1) : KEEP(1, 0);
  }
#undef KEEP
}
