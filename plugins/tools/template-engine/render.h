/*
 * render.h - a template being rendered: memory, output, limits and the first error.
 *
 * SPDX-License-Identifier: MIT
 *
 * After an error all functions do nothing and give nothing: look at `status` once in a while, at the
 * latest in every loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hexmcp/simple.h"
#include "kit/bytes.h"

#define TEMPLATE_BYTES_MAX ((size_t)1024 * 1024)
#define CONTEXT_BYTES_MAX ((size_t)10 * 1024 * 1024)
#define OUTPUT_BYTES_MAX ((size_t)8 * 1024 * 1024)
#define MEMORY_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define TIME_MS_MAX 5000u
#define DEPTH_MAX 100

struct render {
    const hexmcp_round *r;
    struct arena_block *blocks;
    size_t memory;
    struct bytes out;
    bool escape;
    int depth;
    uint64_t steps, look_at; /* done, and when to look at the clock */
    uint64_t end_ms;
    int32_t status;
};

void render_begin(struct render *render, const hexmcp_round *r, bool escape);
void render_end(struct render *render);

/* Memory until render_end(), of zeros; NULL after an error. */
void *render_memory(struct render *render, size_t size);
hexmcp_str render_copy(struct render *render, hexmcp_str text);
/* What `bytes` holds, as memory of the rendering; frees `bytes`. */
hexmcp_str render_take(struct render *render, struct bytes *bytes);

/* One step more: false if time, steps or patience are over, or there was an error. */
bool render_step(struct render *render);

/* The same for work on `count` small things at once. */
bool render_work(struct render *render, size_t count);

/* One level deeper; false if that is too deep. Every true needs a render_up(). */
bool render_down(struct render *render, const char *what);
void render_up(struct render *render);

/* Adds to the output, escaped for HTML if `escaped`. */
void render_put(struct render *render, hexmcp_str text, bool escaped);

/* Ends it. The first error counts. */
__attribute__((format(printf, 3, 4))) void render_fail(struct render *render, int32_t code,
                                                       const char *format, ...);

bool bytes_add_escaped(struct bytes *bytes, hexmcp_str text);

/* The line of a place in a text, from 1. */
unsigned line_of(hexmcp_str text, const char *at);
