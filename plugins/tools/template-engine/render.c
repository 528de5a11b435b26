/*
 * SPDX-License-Identifier: MIT
 */
#include "render.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_BYTES ((size_t)64 * 1024)
#define STEPS_BETWEEN_LOOKS 256u

struct arena_block {
    struct arena_block *next;
    size_t used, room;
    max_align_t bytes[];
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void render_begin(struct render *render, const hexmcp_round *r, bool escape)
{
    *render = (struct render){.r = r, .escape = escape, .end_ms = now_ms() + TIME_MS_MAX};
}

void render_end(struct render *render)
{
    while (render->blocks) {
        struct arena_block *next = render->blocks->next;
        free(render->blocks);
        render->blocks = next;
    }
    bytes_free(&render->out);
}

void render_fail(struct render *render, int32_t code, const char *format, ...)
{
    char text[HEXMCP_ERROR_TEXT];
    va_list list;
    if (render->status != HEXMCP_OK)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    render->status = hexmcp_fail(render->r->err, code, "%s", text);
}

static struct arena_block *new_block(struct render *render, size_t size)
{
    size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct arena_block *block = NULL;
    if (render->memory + room <= MEMORY_BYTES_MAX)
        block = calloc(1, sizeof(*block) + room);
    if (!block) {
        render_fail(render, HEXMCP_E_TOO_LARGE,
                    "rendering takes more than 256 MiB of memory; give a smaller context or a simpler "
                    "template");
        return NULL;
    }
    render->memory += room;
    block->room = room;
    block->next = render->blocks;
    render->blocks = block;
    return block;
}

void *render_memory(struct render *render, size_t size)
{
    struct arena_block *block = render->blocks;
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (render->status != HEXMCP_OK)
        return NULL;
    if (!block || block->room - block->used < size)
        block = new_block(render, size);
    if (!block)
        return NULL;
    void *bytes = (char *)block->bytes + block->used;
    block->used += size;
    return bytes;
}

hexmcp_str render_copy(struct render *render, hexmcp_str text)
{
    char *copy = render_memory(render, text.len + 1);
    if (!copy)
        return (hexmcp_str){"", 0};
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return (hexmcp_str){copy, text.len};
}

hexmcp_str render_take(struct render *render, struct bytes *bytes)
{
    hexmcp_str text = render_copy(render, bytes_str(bytes));
    bytes_free(bytes);
    return text;
}

bool render_step(struct render *render)
{
    return render_work(render, 0);
}

bool render_work(struct render *render, size_t count)
{
    const hexmcp_round *r = render->r;
    render->steps += 1 + count / 16;
    if (render->steps < render->look_at || render->status != HEXMCP_OK)
        return render->status == HEXMCP_OK;
    render->look_at = render->steps + STEPS_BETWEEN_LOOKS;
    if (r->calls && r->calls->cancelled(r->calls->ctx, r->call))
        render_fail(render, HEXMCP_E_CANCELLED, "stopped: the call was cancelled or its time was over");
    else if (now_ms() > render->end_ms)
        render_fail(render, HEXMCP_E_TIMEOUT,
                    "rendering takes more than 5 seconds; give a smaller context or a simpler template");
    return render->status == HEXMCP_OK;
}

bool render_down(struct render *render, const char *what)
{
    if (render->depth >= DEPTH_MAX)
        render_fail(render, HEXMCP_E_TOO_LARGE, "%s are nested more than %d deep; simplify the template",
                    what, DEPTH_MAX);
    if (!render_step(render))
        return false;
    render->depth++;
    return true;
}

void render_up(struct render *render)
{
    render->depth--;
}

bool bytes_add_escaped(struct bytes *bytes, hexmcp_str text)
{
    static const char *const names[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#x27;"};
    size_t from = 0;
    bool good = true;
    for (size_t i = 0; i < text.len && good; i++) {
        const char *name = names[(unsigned char)text.ptr[i]];
        if (!name)
            continue;
        good = bytes_add(bytes, text.ptr + from, i - from) && bytes_add(bytes, name, strlen(name));
        from = i + 1;
    }
    return good && bytes_add(bytes, text.ptr + from, text.len - from);
}

void render_put(struct render *render, hexmcp_str text, bool escaped)
{
    if (!render_step(render) || text.len == 0)
        return;
    bool good = escaped && render->escape ? bytes_add_escaped(&render->out, text)
                                          : bytes_add(&render->out, text.ptr, text.len);
    if (!good)
        render_fail(render, HEXMCP_E_NOMEM, "out of memory for the output; try again");
    else if (render->out.len > OUTPUT_BYTES_MAX)
        render_fail(render, HEXMCP_E_TOO_LARGE,
                    "the output has more than 8 MiB; give a smaller context or render parts of it");
}

unsigned line_of(hexmcp_str text, const char *at)
{
    unsigned line = 1;
    for (const char *p = text.ptr; p < at && p < text.ptr + text.len; p++)
        line += *p == '\n';
    return line;
}
