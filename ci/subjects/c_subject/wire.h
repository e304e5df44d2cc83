/* The subject protocol of normcheck for C: as much JSON as it needs, tensors of `real`, which is float unless REAL says double,
 * and the loop that reads requests. Nothing but libc. Include it in the one file that has main; copy it beside your own.
 *
 *   static void describe(void) { printf("{\"protocol\":1,…}"); }
 *   static void answer(const request *r) { … answer_with(r), print_tensor(…) or refuse(r, …) … }
 *   int main(void) { return serve(describe, answer); }
 */
#ifndef NORMCHECK_WIRE_H
#define NORMCHECK_WIRE_H
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* getline */
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef REAL
#define REAL float
#endif
typedef REAL real;
#define DTYPE (sizeof(real) == 4 ? "float32" : "float64")

/* ---- JSON: as much as the protocol needs. ---- */

static const char *skip_space(const char *p) {
  while (*p == ' ' || *p == '\t') p++;
  return p;
}

static const char *skip_string(const char *p) {
  for (p++; *p && *p != '"'; p++)
    if (*p == '\\' && p[1]) p++;
  return *p ? p + 1 : p;
}

/* What comes after the value at p. */
static const char *skip_value(const char *p) {
  p = skip_space(p);
  if (*p == '"') return skip_string(p);
  if (*p == '{' || *p == '[') {
    int depth = 0;
    while (*p) {
      if (*p == '"') {
        p = skip_string(p);
        continue;
      }
      if (*p == '{' || *p == '[') depth++;
      if (*p == '}' || *p == ']') depth--;
      p++;
      if (depth == 0) return p;
    }
    return p;
  }
  while (*p && *p != ',' && *p != '}' && *p != ']') p++;
  return p;
}

/* The value of `key` in the object at p; NULL where it is absent or null. */
static const char *member(const char *p, const char *key) {
  if (!p || *p != '{') return NULL;
  size_t length = strlen(key);
  p = skip_space(p + 1);
  while (*p == '"') {
    int found = strncmp(p + 1, key, length) == 0 && p[1 + length] == '"';
    p = skip_space(skip_string(p));
    if (*p++ != ':') return NULL;
    p = skip_space(p);
    if (found) return strncmp(p, "null", 4) == 0 ? NULL : p;
    p = skip_space(skip_value(p));
    if (*p == ',') p = skip_space(p + 1);
  }
  return NULL;
}

/* ---- Tensors: base64 of little-endian values. ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The values of a tensor, to be freed; NULL for null. */
static real *tensor(const char *p, int axes[4], int *rank, size_t *count) {
  const char *list = member(p, "shape"), *text = member(p, "data");
  if (!list || !text) return NULL;
  *rank = 0;
  *count = 1;
  for (const char *q = list + 1; *q && *q != ']' && *rank < 4;) {
    char *end;
    axes[*rank] = (int)strtol(q, &end, 10);
    *count *= (size_t)axes[(*rank)++];
    q = skip_space(end);
    if (*q == ',') q++;
  }
  real *values = calloc(*count + 1, sizeof(real));
  unsigned char *bytes = (unsigned char *)values;
  size_t written = 0, limit = *count * sizeof(real);
  uint32_t bits = 0;
  int held = 0;
  for (text++; *text && *text != '"' && *text != '='; text++) {
    if (*text == '\\') continue;
    const char *letter = strchr(letters, *text);
    if (!letter) break;
    bits = bits << 6 | (uint32_t)(letter - letters);
    held += 6;
    if (held >= 8 && written < limit) bytes[written++] = (unsigned char)(bits >> (held -= 8));
  }
  return values;
}

/* Prints "name":{…}, or "name":null for NULL, and then `tail`: what comes between it and the next, or ends the line. */
static void print_tensor(const char *name, const real *values, const int *axes, int rank, const char *tail) {
  size_t count = sizeof(real);
  printf("\"%s\":", name);
  if (!values) {
    printf("null%s", tail);
    return;
  }
  printf("{\"dtype\":\"%s\",\"shape\":[", DTYPE);
  for (int k = 0; k < rank; k++) {
    printf(k ? ",%d" : "%d", axes[k]);
    count *= (size_t)axes[k];
  }
  printf("],\"data\":\"");
  const unsigned char *bytes = (const unsigned char *)values;
  for (size_t i = 0; i < count; i += 3) {
    uint32_t bits = (uint32_t)bytes[i] << 16 | (i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0) |
                    (i + 2 < count ? bytes[i + 2] : 0);
    putchar(letters[bits >> 18]);
    putchar(letters[bits >> 12 & 63]);
    putchar(i + 1 < count ? letters[bits >> 6 & 63] : '=');
    putchar(i + 2 < count ? letters[bits & 63] : '=');
  }
  printf("\"}%s", tail);
}

/* ---- Requests. ---- */

/* One question. What came as null or not at all is NULL; serve frees what is not. The arrays may be overwritten. */
typedef struct {
  long id;
  const char *method; /* points into the line: compare by `asks` */
  real *x, *dy;       /* [n, c], [n, c, l] or [n, c, h, w], row-major */
  real *gamma, *beta, *running_mean, *running_var;
  int axes[4], rank;          /* of x */
  int n, c, s;                /* of x; s is the number of positions: 1, l or h·w */
  size_t count;               /* values of x: n·c·s */
  int fits;                   /* x has 2 to 4 axes, dy as many values as x, every parameter one value a channel */
  double epsilon;
  int has_momentum;           /* 0: the cumulative mean */
  double momentum;            /* in your convention */
  double weight_of_new;       /* of the cumulative mean: 1 / (batches seen before + 1) */
} request;

static int asks(const request *r, const char *method) {
  size_t length = strlen(method);
  return strncmp(r->method + 1, method, length) == 0 && r->method[1 + length] == '"';
}

/* `code` is invalid_argument (declined) or unsupported (no such mode or method). */
static void refuse(const request *r, const char *code, const char *why) {
  printf("{\"id\":%ld,\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}\n", r->id, code, why);
}

/* Begins an answer. The tail of its last tensor is END. */
static void answer_with(const request *r) { printf("{\"id\":%ld,\"result\":{", r->id); }
#define END "}}\n"

static double number(const char *params, const char *name, double otherwise) {
  const char *text = member(params, name);
  return text ? strtod(text, NULL) : otherwise;
}

static request parsed(const char *id, const char *method, const char *params) {
  request r = {.id = strtol(id, NULL, 10), .method = method};
  const char *const names[] = {"gamma", "beta", "running_mean", "running_var"};
  real **const places[] = {&r.gamma, &r.beta, &r.running_mean, &r.running_var};
  int axes[4], rank;
  size_t count;
  r.x = tensor(member(params, "x"), r.axes, &r.rank, &r.count);
  r.dy = tensor(member(params, "dy"), axes, &rank, &count);
  r.fits = r.x && r.rank >= 2 && (!r.dy || count == r.count);
  r.n = r.axes[0];
  r.c = r.axes[1];
  r.s = (r.rank > 2 ? r.axes[2] : 1) * (r.rank > 3 ? r.axes[3] : 1);
  for (int k = 0; k < 4; k++) {
    *places[k] = tensor(member(params, names[k]), axes, &rank, &count);
    r.fits = r.fits && (!*places[k] || count == (size_t)r.c);
  }
  r.epsilon = number(params, "epsilon", 1e-5);
  r.has_momentum = member(params, "momentum") != NULL;
  r.momentum = number(params, "momentum", 0);
  r.weight_of_new = 1 / (number(params, "batches_tracked", 0) + 1);
  return r;
}

/* Answers requests until the end of input. `describe` prints the description, an object; `answer` prints one whole line.
 * Gives the exit status: 1 after a line that is no request.
 */
static int serve(void (*describe)(void), void (*answer)(const request *)) {
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    const char *id = member(line, "id"), *method = member(line, "method");
    if (!id || !method) return 1;
    request r = parsed(id, method, member(line, "params"));
    if (asks(&r, "describe")) {
      printf("{\"id\":%ld,\"result\":", r.id);
      describe();
      printf("}\n");
    } else {
      answer(&r);
    }
    fflush(stdout);
    free(r.x);
    free(r.dy);
    free(r.gamma);
    free(r.beta);
    free(r.running_mean);
    free(r.running_var);
  }
  free(line);
  return 0;
}

#endif
