/* Inside of core/hook/builtin: the kinds of built-in hooks, and how they read their parameters. */
#pragma once

#include "core/hook/builtin/builtin.h"

/* An entry of the configuration while it is read. The first fault is kept. */
struct parameters {
    struct str hook; /* its name */
    struct json entry;
    struct error *err;
    int rc;
};

void parameter_u32(struct parameters *p, const char *key, uint32_t min, uint32_t max, uint32_t *out);
void parameter_bool(struct parameters *p, const char *key, bool *out);
/* *out is the index of the word; `words` ends with NULL. */
void parameter_word(struct parameters *p, const char *key, const char *const *words, unsigned *out);
int parameter_fail(struct parameters *p, const char *key, const char *what);

/* One kind: `make` fills self, run, cancel, free and what differs from the defaults. */
struct builtin {
    const char *name;
    const char *const *keys;   /* parameters, ends with NULL                                     */
    const char *const *points; /* where it runs if nothing is said, ends with NULL               */
    int (*make)(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d);
};

extern const struct builtin builtin_logging;
extern const struct builtin builtin_metrics;
extern const struct builtin builtin_caching;
extern const struct builtin builtin_rate_limit;
extern const struct builtin builtin_redaction;
extern const struct builtin builtin_audit;
extern const struct builtin builtin_retry;

/* The decoded text of the member at the pointer, appended; false if there is no text. */
bool builtin_text(struct hook_turn *turn, struct str pointer, struct buffer *out);
/* True if the member at the pointer is true. */
bool builtin_flag(struct hook_turn *turn, struct str pointer);

/* The key under which caching keeps the result of these arguments. False: they are too long. */
bool caching_key(struct hook_turn *turn, struct buffer *out);
#define CACHING_KEY_MAX 4096u
