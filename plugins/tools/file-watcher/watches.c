/*
 * SPDX-License-Identifier: MIT
 */
#include "watches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch *watches_find(const struct watches *w, int number)
{
    return number >= 0 && (size_t)number < w->room ? w->at[number] : NULL;
}

static bool make_room(struct watches *w, int number)
{
    size_t room = w->room ? w->room : 64;
    while (room <= (size_t)number)
        room *= 2;
    if (room == w->room)
        return true;
    struct watch **wider = realloc(w->at, room * sizeof(*wider));
    if (!wider)
        return false;
    memset(wider + w->room, 0, (room - w->room) * sizeof(*wider));
    w->at = wider;
    w->room = room;
    return true;
}

static void watch_free(struct watch *watch)
{
    for (size_t i = 0; i < watch->only_count; i++)
        free(watch->only[i]);
    free(watch->only);
    free(watch->path);
    free(watch);
}

struct watch *watches_add(struct watches *w, int number, const char *path, bool *is_new)
{
    struct watch *watch = watches_find(w, number);
    *is_new = !watch;
    if (watch || !make_room(w, number))
        return watch;
    watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;
    watch->path = strdup(path);
    if (!watch->path) {
        watch_free(watch);
        return NULL;
    }
    w->at[number] = watch;
    w->count++;
    return watch;
}

bool watch_only(struct watch *watch, const char *name)
{
    char **wider = realloc(watch->only, (watch->only_count + 1) * sizeof(*wider));
    if (!wider)
        return false;
    watch->only = wider;
    wider[watch->only_count] = strdup(name);
    return wider[watch->only_count] && ++watch->only_count;
}

bool watch_shows(const struct watch *watch, const char *name)
{
    bool shows = watch->all;
    for (size_t i = 0; !shows && i < watch->only_count; i++)
        shows = strcmp(watch->only[i], name) == 0;
    return shows;
}

void watches_remove(struct watches *w, int number)
{
    struct watch *watch = watches_find(w, number);
    if (!watch)
        return;
    watch_free(watch);
    w->at[number] = NULL;
    w->count--;
}

static bool is_beneath(const char *path, const char *above)
{
    size_t len = strlen(above);
    return strncmp(path, above, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool is_displaced(const struct watches *w, const char *path)
{
    for (size_t i = 0; i < w->room; i++)
        if (w->at[i] && w->at[i]->displaced && is_beneath(w->at[i]->path, path))
            return true;
    return false;
}

static void displace(struct watches *w, const char *path)
{
    for (size_t i = 0; i < w->room; i++)
        if (w->at[i] && is_beneath(w->at[i]->path, path))
            w->at[i]->displaced = true;
}

static bool move(struct watch *watch, size_t old_len, const char *new_path)
{
    char *path;
    if (asprintf(&path, "%s%s", new_path, watch->path + old_len) < 0)
        return false;
    free(watch->path);
    watch->path = path;
    watch->displaced = false;
    return true;
}

bool watches_move(struct watches *w, const char *old_path, const char *new_path)
{
    bool displaced = is_displaced(w, old_path), good = true;
    if (!displaced)
        displace(w, new_path);
    for (size_t i = 0; i < w->room && good; i++)
        if (w->at[i] && w->at[i]->displaced == displaced && is_beneath(w->at[i]->path, old_path))
            good = move(w->at[i], strlen(old_path), new_path);
    return good;
}

void watches_beneath(struct watches *w, const char *path, void (*each)(void *arg, int number),
                     void *arg)
{
    for (size_t i = 0; i < w->room; i++)
        if (w->at[i] && is_beneath(w->at[i]->path, path))
            each(arg, (int)i);
}

void watches_free(struct watches *w)
{
    for (size_t i = 0; i < w->room; i++)
        if (w->at[i])
            watch_free(w->at[i]);
    free(w->at);
    *w = (struct watches){0};
}
