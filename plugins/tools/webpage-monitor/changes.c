/*
 * SPDX-License-Identifier: MIT
 */
#include "changes.h"

#include <git2.h>
#include <stdbool.h>
#include <string.h>

/* Of each text of a change. */
#define TEXT_MOST 2000

struct part {
    const char *at;
    size_t len;
};

struct reading {
    const char *old_text, *new_text;
    size_t old_at, new_at;  /* the walk over the texts */
    int old_next, new_next;
    size_t count, most;
    hexmcp_json_writer *json;
};

/* The part of `count` lines from line `line` on. Lines are asked for in order. */
static struct part lines(const char *text, size_t *at, int *next, int line, int count)
{
    while (*next < line) {
        *at += strcspn(text + *at, "\n");
        *at += text[*at] == '\n';
        ++*next;
    }
    struct part part = {text + *at, 0};
    for (int i = 0; i < count; i++) {
        part.len += strcspn(part.at + part.len, "\n");
        part.len += part.at[part.len] == '\n';
    }
    if (part.len > 0 && part.at[part.len - 1] == '\n')
        part.len--;
    return part;
}

static void put_text(hexmcp_json_writer *w, const char *key, struct part part)
{
    char text[TEXT_MOST + 4];
    if (part.len <= TEXT_MOST) {
        hexmcp_json_put_string(w, key, (hexmcp_str){part.at, part.len});
        return;
    }
    size_t len = TEXT_MOST;
    while (len > 0 && ((unsigned char)part.at[len] & 0xC0) == 0x80)
        len--;
    memcpy(text, part.at, len);
    memcpy(text + len, "...", 4);
    hexmcp_json_put_text(w, key, text);
}

static int on_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *arg)
{
    struct reading *r = arg;
    (void)delta;
    if (r->count++ >= r->most)
        return 0;
    bool gone = hunk->old_lines > 0, fresh = hunk->new_lines > 0;
    hexmcp_json_begin_object(r->json);
    hexmcp_json_put_text(r->json, "type", gone && fresh ? "modified" : gone ? "removed" : "added");
    hexmcp_json_put_int64(r->json, "line", fresh ? hunk->new_start : hunk->old_start);
    if (gone)
        put_text(r->json, "old_content",
                 lines(r->old_text, &r->old_at, &r->old_next, hunk->old_start, hunk->old_lines));
    if (fresh)
        put_text(r->json, "new_content",
                 lines(r->new_text, &r->new_at, &r->new_next, hunk->new_start, hunk->new_lines));
    hexmcp_json_end_object(r->json);
    return 0;
}

int32_t changes_put(const hexmcp_round *r, const char *old_text, const char *new_text, size_t most,
                    hexmcp_json_writer *json, size_t *count)
{
    struct reading reading = {.old_text = old_text,
                              .new_text = new_text,
                              .old_next = 1,
                              .new_next = 1,
                              .most = most,
                              .json = json};
    git_diff_options options;
    hexmcp_json_key(json, "changes");
    hexmcp_json_begin_array(json);
    int rc = git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.context_lines = 0;
    options.flags = GIT_DIFF_FORCE_TEXT;
    if (rc == 0)
        rc = git_diff_buffers(old_text, strlen(old_text), NULL, new_text, strlen(new_text), NULL, &options,
                              NULL, NULL, on_hunk, NULL, &reading);
    hexmcp_json_end_array(json);
    hexmcp_json_put_int64(json, "change_count", (int64_t)reading.count);
    hexmcp_json_put_bool(json, "changes_truncated", reading.count > most);
    *count = reading.count;
    if (rc != 0)
        return hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE,
                           "libgit2 could not compare the texts (error %d); give selector for a part of "
                           "the page",
                           rc);
    return HEXMCP_OK;
}
