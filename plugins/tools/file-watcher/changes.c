/*
 * SPDX-License-Identifier: MIT
 */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

/* The two halves of a rename come together but for what happens in between. */
#define HALVES_MS 20u

const char *const change_names[] = {"create", "modify", "delete", "rename", "other", NULL};

static struct change *append(struct changes *c, enum change_kind kind, const char *path)
{
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 32;
        struct change *wider = realloc(c->list, room * sizeof(*wider));
        if (!wider)
            return NULL;
        c->list = wider;
        c->room = room;
    }
    char *copy = strdup(path);
    if (!copy)
        return NULL;
    struct change *change = &c->list[c->count++];
    *change = (struct change){
        .kind = kind, .path = copy, .when_ms = c->when_ms, .last_ms = c->now_ms};
    return change;
}

static struct change *last_of(struct changes *c, const char *path)
{
    for (size_t i = c->count; i-- > 0;)
        if (strcmp(c->list[i].path, path) == 0)
            return &c->list[i];
    return NULL;
}

/* Whether the second changes nothing that the first does not tell. */
static bool covers(enum change_kind first, enum change_kind second)
{
    if (second == CHANGE_OTHER)
        return first == CHANGE_CREATE || first == CHANGE_MODIFY || first == CHANGE_OTHER;
    if (second == CHANGE_MODIFY)
        return first == CHANGE_CREATE || first == CHANGE_MODIFY;
    return second == CHANGE_CREATE && first == CHANGE_CREATE;
}

bool changes_add(struct changes *c, enum change_kind kind, const char *path, bool is_dir, bool shown)
{
    struct change *change = last_of(c, path);
    if (change && change->cookie == 0 && covers(change->kind, kind)) {
        change->last_ms = c->now_ms;
        return true;
    }
    if (change && change->kind == CHANGE_OTHER && kind == CHANGE_MODIFY) {
        change->kind = CHANGE_MODIFY;
        change->last_ms = c->now_ms;
        return true;
    }
    change = append(c, kind, path);
    if (!change)
        return false;
    change->is_dir = is_dir;
    change->shown = shown;
    return true;
}

bool changes_left(struct changes *c, const char *path, bool is_dir, bool shown, uint32_t cookie)
{
    struct change *change = append(c, CHANGE_DELETE, path);
    if (!change)
        return false;
    change->is_dir = is_dir;
    change->shown = shown;
    change->cookie = cookie;
    return true;
}

bool changes_came(struct changes *c, const char *path, bool is_dir, bool shown, uint32_t cookie,
                  const struct change **left)
{
    *left = NULL;
    for (size_t i = 0; i < c->count; i++) {
        struct change *change = &c->list[i];
        if (change->cookie != cookie || change->settled)
            continue;
        char *copy = strdup(path);
        if (!copy)
            return false;
        change->kind = CHANGE_RENAME;
        change->old_path = change->path;
        change->path = copy;
        change->cookie = 0;
        change->shown |= shown;
        change->last_ms = c->now_ms;
        *left = change;
        return true;
    }
    return changes_add(c, CHANGE_CREATE, path, is_dir, shown);
}

static uint64_t quiet_at(const struct changes *c, const struct change *change)
{
    uint64_t wait = c->debounce_ms;
    if (change->cookie != 0 && wait < HALVES_MS)
        wait = HALVES_MS;
    return change->last_ms + wait;
}

void changes_settle(struct changes *c, void (*each)(void *arg, const char *path), void *arg)
{
    for (size_t i = 0; i < c->count; i++) {
        struct change *change = &c->list[i];
        if (change->cookie == 0 || change->settled || change->last_ms + HALVES_MS > c->now_ms)
            continue;
        change->settled = true;
        if (change->is_dir)
            each(arg, change->path);
    }
}

bool changes_take(struct changes *c, bool all, struct change *change)
{
    for (size_t i = 0; i < c->count; i++) {
        if (!all && quiet_at(c, &c->list[i]) > c->now_ms)
            continue;
        *change = c->list[i];
        c->count--;
        memmove(c->list + i, c->list + i + 1, (c->count - i) * sizeof(*c->list));
        return true;
    }
    return false;
}

uint64_t changes_due(const struct changes *c, uint64_t most)
{
    for (size_t i = 0; i < c->count; i++) {
        bool half = c->list[i].cookie != 0 && !c->list[i].settled;
        uint64_t at = half ? c->list[i].last_ms + HALVES_MS : quiet_at(c, &c->list[i]);
        uint64_t left = at > c->now_ms ? at - c->now_ms : 0;
        most = left < most ? left : most;
    }
    return most;
}

void change_free(struct change *change)
{
    free(change->path);
    free(change->old_path);
}

void changes_free(struct changes *c)
{
    for (size_t i = 0; i < c->count; i++)
        change_free(&c->list[i]);
    free(c->list);
    c->list = NULL;
    c->count = c->room = 0;
}
