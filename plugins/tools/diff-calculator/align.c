/*
 * SPDX-License-Identifier: MIT
 */
#include "align.h"

#include "hexmcp/json.h"

#include <dlfcn.h>
#include <git2.h>
#include <pthread.h>

#define TEXT_OF(macro) TEXT_OF_VALUE(macro)
#define TEXT_OF_VALUE(value) #value
#define LIBRARY "libgit2.so." TEXT_OF(LIBGIT2_VER_MAJOR) "." TEXT_OF(LIBGIT2_VER_MINOR)

/* Four digits of 32 make more numbers than ALIGN_MAX, and each number a line of five bytes. */
#define DIGIT_BITS 5
#define DIGITS 4
#define LINE_BYTES (DIGITS + 1)
_Static_assert(ALIGN_MAX <= (size_t)1 << (DIGIT_BITS * DIGITS), "a symbol has four digits");

/* `loaded` tells whether the functions are there; `lock` guards the loading. */
struct align {
    pthread_mutex_t lock;
    int loaded;
    __typeof__(git_libgit2_init) *library_init;
    __typeof__(git_libgit2_shutdown) *library_shutdown;
    __typeof__(git_diff_options_init) *options_init;
    __typeof__(git_diff_buffers) *diff_buffers;
};

struct align *align_new(void)
{
    struct align *align = calloc(1, sizeof(*align));
    if (align)
        pthread_mutex_init(&align->lock, NULL);
    return align;
}

void align_free(struct align *align)
{
    if (!align)
        return;
    if (align->loaded)
        align->library_shutdown();
    pthread_mutex_destroy(&align->lock);
    free(align);
}

void blocks_free(struct blocks *blocks)
{
    free(blocks->items);
    *blocks = (struct blocks){0};
}

/* POSIX lets dlsym give functions as void *, ISO C does not let us cast it: hence the copy. */
static int find_symbol(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static int find_symbols(struct align *a, void *library)
{
    return find_symbol(library, "git_libgit2_init", &a->library_init) &&
           find_symbol(library, "git_libgit2_shutdown", &a->library_shutdown) &&
           find_symbol(library, "git_diff_options_init", &a->options_init) &&
           find_symbol(library, "git_diff_buffers", &a->diff_buffers);
}

static int32_t load(struct align *align, hexmcp_error *err)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library || !find_symbols(align, library)) {
        const char *why = dlerror();
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the comparison needs " LIBRARY ", which cannot be loaded (%s); install "
                           "it and try again",
                           why ? why : "no reason given");
    }
    if (align->library_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, LIBRARY " does not start; try again");
    align->loaded = 1;
    return HEXMCP_OK;
}

static int32_t ensure_loaded(struct align *align, hexmcp_error *err)
{
    pthread_mutex_lock(&align->lock);
    int32_t status = align->loaded ? HEXMCP_OK : load(align, err);
    pthread_mutex_unlock(&align->lock);
    return status;
}

/* The symbols as lines, in fresh memory. */
static char *as_lines(struct symbols symbols)
{
    char *lines = malloc(symbols.count * LINE_BYTES + 1);
    char *at = lines;
    for (size_t i = 0; lines && i < symbols.count; i++) {
        for (unsigned digit = 0; digit < DIGITS; digit++)
            *at++ = (char)('A' + (symbols.ids[i] >> (digit * DIGIT_BITS) & 31));
        *at++ = '\n';
    }
    return lines;
}

/* What the callback of libgit2 collects; a status other than HEXMCP_OK ends the walk. */
struct collector {
    const struct work *work;
    struct blocks blocks;
    int32_t status;
    hexmcp_error *err;
};

static int grow(struct collector *c)
{
    if (c->blocks.count < c->blocks.room)
        return 1;
    size_t room = c->blocks.room ? 2 * c->blocks.room : 16;
    struct block *items = realloc(c->blocks.items, room * sizeof(*items));
    if (!items)
        return 0;
    c->blocks.items = items;
    c->blocks.room = room;
    return 1;
}

/* A hunk without context counts lines from 1, but says of no lines after which one they are. */
static uint32_t place(int start, int lines)
{
    return (uint32_t)(lines == 0 ? start : start - 1);
}

static int on_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *payload)
{
    struct collector *c = payload;
    (void)delta;
    if (c->blocks.count % 1024 == 0)
        c->status = work_check(c->work, c->err);
    if (c->status == HEXMCP_OK && !grow(c))
        c->status = hexmcp_fail(c->err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
    if (c->status != HEXMCP_OK)
        return -1;
    c->blocks.items[c->blocks.count++] =
        (struct block){place(hunk->old_start, hunk->old_lines), (uint32_t)hunk->old_lines,
                       place(hunk->new_start, hunk->new_lines), (uint32_t)hunk->new_lines};
    return 0;
}

static int32_t compare(struct align *align, struct symbols old_symbols, struct symbols new_symbols,
                       int patience, struct collector *collector)
{
    git_diff_options options;
    char *old_lines = as_lines(old_symbols);
    char *new_lines = as_lines(new_symbols);
    int status = GIT_ERROR;
    if (!old_lines || !new_lines) {
        collector->status = hexmcp_fail(collector->err, HEXMCP_E_NOMEM,
                                        "out of memory for the comparison; try again");
    } else if (align->options_init(&options, GIT_DIFF_OPTIONS_VERSION) == 0) {
        options.context_lines = 0;
        options.flags = GIT_DIFF_FORCE_TEXT | (patience ? (uint32_t)GIT_DIFF_PATIENCE : 0u);
        status = align->diff_buffers(old_lines, old_symbols.count * LINE_BYTES, NULL, new_lines,
                                     new_symbols.count * LINE_BYTES, NULL, &options, NULL, NULL,
                                     on_hunk, NULL, collector);
    }
    free(old_lines);
    free(new_lines);
    if (status != 0 && collector->status == HEXMCP_OK)
        return hexmcp_fail(collector->err, HEXMCP_E_GENERIC,
                           "libgit2 could not compare (error %d); compare smaller parts", status);
    return collector->status;
}

int32_t align_run(struct align *align, const struct work *work, struct symbols old_symbols,
                  struct symbols new_symbols, int patience, struct blocks *ret, hexmcp_error *err)
{
    struct collector collector = {.work = work, .err = err};
    int32_t status = HEXMCP_OK;
    if (old_symbols.count > ALIGN_MAX || new_symbols.count > ALIGN_MAX - old_symbols.count)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "there are %zu parts to compare, but at most %zu are compared at once; "
                           "compare smaller parts",
                           old_symbols.count + new_symbols.count, ALIGN_MAX);
    status = ensure_loaded(align, err);
    if (status == HEXMCP_OK)
        status = work_check(work, err);
    if (status == HEXMCP_OK)
        status = compare(align, old_symbols, new_symbols, patience, &collector);
    if (status == HEXMCP_OK)
        *ret = collector.blocks;
    else
        blocks_free(&collector.blocks);
    return status;
}
