/* Correct batch normalizations in C, written the way people write kernels. normcheck must find no error in any of them.
 *
 *   cc -O2 -std=c11 -o right_float ci/subjects/right/right.c -lm
 *   cc -O2 -std=c11 -DREAL=double -o right_double ci/subjects/right/right.c -lm
 *   normcheck conform -- ./right_float kahan
 *   normcheck conform -- ./right_float kahan --declared
 *   ./right_float --list
 */
#include "../c_subject/wire.h"

#include <math.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

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

/* Channel c of x as one row, or back. */
static void gather(const request *r, const real *x, int c, real *row) {
  for (size_t n = 0, s = (size_t)r->s; n < (size_t)r->n; n++) memcpy(row + n * s, x + (n * r->c + c) * s, s * sizeof(real));
}

static void scatter(const request *r, real *x, int c, const real *row) {
  for (size_t n = 0, s = (size_t)r->s; n < (size_t)r->n; n++) memcpy(x + (n * r->c + c) * s, row + n * s, s * sizeof(real));
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

/* The statistics of channel c, whose values are in `row`: of the batch, or the running ones. */
static void statistics(const request *r, int c, int is_training, const real *row, real *buffer, real *mean, real *variance) {
  if (is_training) {
    moments(row, buffer, (size_t)r->n * r->s, mean, variance);
  } else {
    *mean = r->running_mean[c];
    *variance = r->running_var[c];
  }
}

static void forward(const request *r, int is_training) {
  size_t m = (size_t)r->n * r->s;
  real momentum = (real)(r->has_momentum ? r->momentum : now->onnx ? 1 - r->weight_of_new : r->weight_of_new);
  real *row = calloc(3 * m + 1, sizeof(real)), *out = row + m, *buffer = row + 2 * m, *y = calloc(r->count + 1, sizeof(real));
  for (int c = 0; c < r->c; c++) {
    real mean, variance;
    gather(r, r->x, c, row);
    statistics(r, c, is_training, row, buffer, &mean, &variance);
    normalize(row, out, m, mean, variance, (real)r->epsilon, r->gamma ? r->gamma[c] : 1, r->beta ? r->beta[c] : 0);
    scatter(r, y, c, out);
    if (is_training && r->running_mean) {
      if (!now->onnx) variance *= (real)m / (real)(m - 1);
      r->running_mean[c] = mixed(r->running_mean[c], mean, momentum);
      r->running_var[c] = mixed(r->running_var[c], variance, momentum);
    }
  }
  answer_with(r);
  print_tensor("y", y, r->axes, r->rank, is_training ? "," : END);
  if (is_training) {
    print_tensor("running_mean", r->running_mean, &r->c, 1, ",");
    print_tensor("running_var", r->running_var, &r->c, 1, END);
  }
  free(row);
  free(y);
}

static void backward(const request *r, int is_training) {
  size_t m = (size_t)r->n * r->s;
  real *row = calloc(4 * m + 1, sizeof(real)), *out = row + m, *buffer = row + 2 * m, *g = row + 3 * m;
  real *dx = calloc(r->count + 1, sizeof(real)), *dgamma = calloc(2 * (size_t)r->c + 1, sizeof(real)), *dbeta = dgamma + r->c;
  for (int c = 0; c < r->c; c++) {
    real mean, variance;
    gather(r, r->x, c, row);
    gather(r, r->dy, c, g);
    statistics(r, c, is_training, row, buffer, &mean, &variance);
    gradient(row, g, out, buffer, m, mean, variance, (real)r->epsilon, r->gamma ? r->gamma[c] : 1, is_training, &dgamma[c],
             &dbeta[c]);
    scatter(r, dx, c, out);
  }
  answer_with(r);
  print_tensor("dx", dx, r->axes, r->rank, ",");
  print_tensor("dgamma", r->gamma ? dgamma : NULL, &r->c, 1, ",");
  print_tensor("dbeta", r->gamma ? dbeta : NULL, &r->c, 1, END);
  free(row);
  free(dx);
  free(dgamma);
}

static void answer(const request *r) {
  int is_training = asks(r, "forward_training") || asks(r, "backward_training");
  if (!r->fits) {
    refuse(r, "invalid_argument", "x has 2 to 4 axes, and every parameter one value a channel");
  } else if (is_training && (size_t)r->n * r->s < 2 && !now->onnx) {
    refuse(r, "invalid_argument", "a variance needs two values in a channel");
  } else if (r->dy) {
    backward(r, is_training);
  } else {
    forward(r, is_training);
  }
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
  return serve(describe, answer);
}
