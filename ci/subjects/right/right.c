/* Right batch normalizations in C, written the way people write kernels. normcheck must find no error in any of them.
 *
 *   cc -O2 -std=c11 -o right_float ci/subjects/right/right.c -lm
 *   cc -O2 -std=c11 -DREAL=double -o right_double ci/subjects/right/right.c -lm
 *   normcheck conform -- ./right_float kahan
 *   normcheck conform -- ./right_float kahan --declared
 *   ./right_float --list
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "../c_subject/wire.h"

/* ---- Sums of m values. ---- */

static real plain_sum(const real *v, size_t m) {
  real sum = 0;
  for (size_t i = 0; i < m; i++) sum += v[i];
  return sum;
}

static real wide_sum(const real *v, size_t m) {
  long double sum = 0;
  for (size_t i = 0; i < m; i++) sum += v[i];
  return (real)sum;
}

static real pairwise_sum(const real *v, size_t m) {
  return m <= 16 ? plain_sum(v, m) : pairwise_sum(v, m / 2) + pairwise_sum(v + m / 2, m - m / 2);
}

static real kahan_sum(const real *v, size_t m) {
  real sum = 0, lost = 0;
  for (size_t i = 0; i < m; i++) {
    real term = v[i] - lost, next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum;
}

/* Eight lanes and a tail, as vector code does it. */
static real lane_sum(const real *v, size_t m) {
  real lanes[8] = {0}, sum = 0;
  size_t i = 0;
  for (; i + 8 <= m; i += 8)
    for (int k = 0; k < 8; k++) lanes[k] += v[i + k];
  for (; i < m; i++) sum += v[i];
  return sum + plain_sum(lanes, 8);
}

/* ---- The variants. ---- */

typedef struct {
  const char *name;
  real (*sum)(const real *, size_t);
  int welford, difference, onnx, flushed;
} variant;

static const variant variants[] = {
    {"plain", plain_sum, 0, 0, 0, 0}, {"wide", wide_sum, 0, 0, 0, 0},      {"pairwise", pairwise_sum, 0, 0, 0, 0},
    {"kahan", kahan_sum, 0, 1, 0, 0}, {"lanes", lane_sum, 0, 1, 0, 0},     {"welford", plain_sum, 1, 1, 0, 0},
    {"onnx", lane_sum, 0, 0, 1, 0},   {"flushed", lane_sum, 0, 0, 0, 1},
};
static const variant *now;
static int declares;

static void moments(const real *v, real *buffer, size_t m, real *mean, real *variance) {
  if (now->welford) {
    real squares = 0;
    *mean = 0;
    for (size_t i = 0; i < m; i++) {
      real before = v[i] - *mean;
      *mean += before / (real)(i + 1);
      squares += before * (v[i] - *mean);
    }
    *variance = squares / (real)m;
    return;
  }
  *mean = now->sum(v, m) / (real)m;
  for (size_t i = 0; i < m; i++) buffer[i] = (v[i] - *mean) * (v[i] - *mean);
  *variance = now->sum(buffer, m) / (real)m;
}

/* y of one channel by these statistics: centred, or folded into one line as in ONNX Runtime. */
static void normalize(const real *v, real *y, size_t m, real mean, real variance, real epsilon, real gamma, real beta) {
  real scale = 1 / (real)sqrt(variance + epsilon), a = gamma * scale, b = beta - mean * a;
  for (size_t i = 0; i < m; i++) y[i] = now->onnx ? a * v[i] + b : gamma * ((v[i] - mean) * scale) + beta;
}

static real mixed(real old, real new, real momentum) {
  if (now->onnx) return momentum * old + (1 - momentum) * new;
  return now->difference ? old + momentum * (new - old) : (1 - momentum) * old + momentum * new;
}

/* dx, dgamma, dbeta of one channel; is_training: the statistics depend on x. */
static void gradient(const real *v, const real *g, real *dx, real *buffer, size_t m, real mean, real variance, real epsilon,
                     real gamma, int is_training, real *dgamma, real *dbeta) {
  real scale = 1 / (real)sqrt(variance + epsilon), count = (real)m;
  for (size_t i = 0; i < m; i++) buffer[i] = g[i] * ((v[i] - mean) * scale);
  *dgamma = now->sum(buffer, m);
  *dbeta = now->sum(g, m);
  for (size_t i = 0; i < m; i++) {
    real inner = is_training ? g[i] - *dbeta / count - (v[i] - mean) * scale * (*dgamma / count) : g[i];
    dx[i] = gamma * scale * inner;
  }
}

/* ---- The methods. ---- */

typedef struct {
  int axes[4], rank;
  size_t count, channels, plane, m;
} extents;

/* Channel c of x as one row, or back. */
static void gather(extents t, const real *x, size_t c, real *row) {
  for (size_t n = 0; n < (size_t)t.axes[0]; n++)
    memcpy(row + n * t.plane, x + (n * t.channels + c) * t.plane, t.plane * sizeof(real));
}

static void scatter(extents t, real *x, size_t c, const real *row) {
  for (size_t n = 0; n < (size_t)t.axes[0]; n++)
    memcpy(x + (n * t.channels + c) * t.plane, row + n * t.plane, t.plane * sizeof(real));
}

static void describe(void) {
  printf("{\"protocol\":1,\"name\":\"right-c-%s\",\"dtypes\":[\"%s\"],\"layouts\":[\"NC\",\"NCL\",\"NCHW\"],\"methods\":["
         "\"forward_training\",\"forward_evaluation\",\"backward_training\",\"backward_evaluation\"],\"conventions\":{",
         now->name, DTYPE);
  if (declares)
    printf("\"running_variance\":\"%s\",\"momentum\":\"%s\",\"batch_of_one\":\"%s\",\"empty_batch\":\"%s\","
           "\"nan_at_weight_zero\":\"spreads\",\"momentum_domain\":\"closed\",\"subnormals\":\"%s\",\"debias\":\"none\","
           "\"batch_invariance\":\"bitwise\",\"cumulative\":\"yes\"",
           now->onnx ? "biased" : "unbiased", now->onnx ? "weight_of_old" : "weight_of_new",
           now->onnx ? "beta" : "error", now->onnx ? "nan" : "error", now->flushed ? "flushed" : "kept");
  printf("}}");
}

static void refuse(long id, const char *why) {
  printf("{\"id\":%ld,\"error\":{\"code\":\"invalid_argument\",\"message\":\"%s\"}}\n", id, why);
}

static void answer(long id, const char *method, const char *params) {
  static const char *const names[] = {"gamma", "beta", "running_mean", "running_var"};
  extents t = {{0}, 0, 0, 0, 1, 0};
  real *channel[4], *x = tensor(member(params, "x"), t.axes, &t.rank, &t.count);
  int other[4], rank, is_right = x && t.rank >= 2;
  size_t count;
  t.channels = (size_t)t.axes[1];
  for (int k = 2; k < t.rank; k++) t.plane *= (size_t)t.axes[k];
  t.m = (size_t)t.axes[0] * t.plane;
  for (int k = 0; k < 4; k++) {
    channel[k] = tensor(member(params, names[k]), other, &rank, &count);
    is_right = is_right && (!channel[k] || count == t.channels);
  }
  real *gamma = channel[0], *beta = channel[1], *mean = channel[2], *variance = channel[3];
  real *dy = tensor(member(params, "dy"), other, &rank, &count);
  const char *number = member(params, "momentum"), *seen = member(params, "batches_tracked");
  double weight = 1 / ((seen ? strtod(seen, NULL) : 0) + 1);
  real momentum = (real)(number ? strtod(number, NULL) : now->onnx ? 1 - weight : weight);
  real epsilon = (real)strtod(member(params, "epsilon"), NULL);
  int is_training = strstr(method, "_training\"") == method + (method[1] == 'f' ? 8 : 9);
  real *row = calloc(4 * t.m + 1, sizeof(real)), *out = row + t.m, *buffer = row + 2 * t.m, *g = row + 3 * t.m;
  real *result = calloc(t.count + 1, sizeof(real)), *sums = calloc(2 * t.channels + 1, sizeof(real));
  if (!is_right) {
    refuse(id, "x has 2 to 4 axes, and every parameter one value a channel");
  } else if (is_training && t.m < 2 && !now->onnx) {
    refuse(id, "a variance needs two values in a channel");
  } else {
    for (size_t c = 0; c < t.channels; c++) {
      real batch_mean = 0, batch_variance = 0;
      gather(t, x, c, row);
      if (is_training) moments(row, buffer, t.m, &batch_mean, &batch_variance);
      real used_mean = is_training ? batch_mean : mean[c], used_variance = is_training ? batch_variance : variance[c];
      if (dy) {
        gather(t, dy, c, g);
        gradient(row, g, out, buffer, t.m, used_mean, used_variance, epsilon, gamma ? gamma[c] : 1, is_training, &sums[c],
                 &sums[t.channels + c]);
      } else {
        normalize(row, out, t.m, used_mean, used_variance, epsilon, gamma ? gamma[c] : 1, beta ? beta[c] : 0);
      }
      scatter(t, result, c, out);
      if (is_training && !dy && mean) {
        if (!now->onnx) batch_variance *= (real)t.m / (real)(t.m - 1);
        mean[c] = mixed(mean[c], batch_mean, momentum);
        variance[c] = mixed(variance[c], batch_variance, momentum);
      }
    }
    printf("{\"id\":%ld,\"result\":{", id);
    print_tensor(dy ? "dx" : "y", result, t.axes, t.rank, "");
    if (dy) {
      printf(",");
      print_tensor("dgamma", gamma ? sums : NULL, &t.axes[1], 1, ",");
      print_tensor("dbeta", gamma ? sums + t.channels : NULL, &t.axes[1], 1, "");
    } else if (is_training) {
      printf(",");
      print_tensor("running_mean", mean, &t.axes[1], 1, ",");
      print_tensor("running_var", variance, &t.axes[1], 1, "");
    }
    printf("}}\n");
  }
  for (int k = 0; k < 4; k++) free(channel[k]);
  free(x);
  free(dy);
  free(row);
  free(result);
  free(sums);
}

int main(int arguments, char **argument) {
  size_t kinds = sizeof(variants) / sizeof(variants[0]);
  for (size_t k = 0; k < kinds && arguments > 1; k++) {
    if (strcmp(argument[1], "--list") == 0) printf("%s\n", variants[k].name);
    if (strcmp(argument[1], variants[k].name) == 0) now = &variants[k];
  }
  if (!now) return arguments > 1 && strcmp(argument[1], "--list") == 0 ? 0 : 64;
  declares = arguments > 2 && strcmp(argument[2], "--declared") == 0;
#if defined(__SSE2__)
  /* Subnormal results and operands become 0. */
  if (now->flushed) _mm_setcsr(_mm_getcsr() | 0x8040);
#else
  if (now->flushed) return 64;
#endif
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    const char *id = member(line, "id"), *method = member(line, "method");
    if (!id || !method) return 1;
    if (strncmp(method, "\"describe\"", 10) == 0) {
      printf("{\"id\":%ld,\"result\":", strtol(id, NULL, 10));
      describe();
      printf("}\n");
    } else {
      answer(strtol(id, NULL, 10), method, member(line, "params"));
    }
    fflush(stdout);
  }
  free(line);
  return 0;
}
