/* The subject protocol of normcheck for C: as much JSON as it needs, and tensors of `real`, which is float unless REAL says
 * double. Nothing but libc. Include it in the one file that has main; copy it beside your own.
 */
#ifndef NORMCHECK_WIRE_H
#define NORMCHECK_WIRE_H
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

#endif
