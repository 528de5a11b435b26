/*
 * SPDX-License-Identifier: MIT
 */
#include "names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The folders above the entries count, too: many deep names must not eat the memory. */
#define NAMES_MAX ((size_t)64 * 1024)
#define NAMES_BYTES_MAX ((size_t)16 * 1024 * 1024)

static bool is_dots(const char *part, size_t len)
{
    return len == 2 && part[0] == '.' && part[1] == '.';
}

const char *name_clean(const char *name, char clean[NAME_BYTES_MAX + 1])
{
    size_t at = 0, depth = 0;
    clean[0] = '\0';
    if (*name == '/')
        return "is an absolute path";
    while (*name) {
        size_t len = strcspn(name, "/");
        if (is_dots(name, len))
            return "has \"..\" in it";
        if (len > 255 || at + len + 1 > NAME_BYTES_MAX || ++depth > NAME_DEPTH_MAX)
            return "is too long or too deep";
        if (len > 0 && !(len == 1 && *name == '.')) {
            if (at > 0)
                clean[at++] = '/';
            memcpy(clean + at, name, len);
            at += len;
            clean[at] = '\0';
        }
        name += len + (name[len] == '/');
    }
    return NULL;
}

bool name_link_stays(const char *name, const char *target)
{
    size_t depth = 0;
    if (*target == '/' || *target == '\0')
        return false;
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
        depth++;
    while (*target) {
        size_t len = strcspn(target, "/");
        if (is_dots(target, len) && depth-- == 0)
            return false;
        if (len > 0 && !is_dots(target, len) && !(len == 1 && *target == '.'))
            depth++;
        target += len + (target[len] == '/');
    }
    return true;
}

bool name_is_beneath(const char *name, const char *above)
{
    size_t len = strlen(above);
    return strncmp(name, above, len) == 0 && (name[len] == '\0' || name[len] == '/' || len == 0);
}

/* FNV-1a. Names that were made to meet in one place cost time, and the helper has a limit of that. */
static size_t hash(const char *name, size_t len)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 29);
}

static struct name_slot *find(const struct names *names, const char *name, size_t len)
{
    size_t i = hash(name, len) & (names->room - 1);
    while (names->slots[i].name &&
           (strncmp(names->slots[i].name, name, len) != 0 || names->slots[i].name[len] != '\0'))
        i = (i + 1) & (names->room - 1);
    return &names->slots[i];
}

static bool grow(struct names *names)
{
    struct names wider = {.room = names->room ? names->room * 2 : 64};
    wider.slots = calloc(wider.room, sizeof(*wider.slots));
    if (!wider.slots)
        return false;
    for (size_t i = 0; i < names->room; i++)
        if (names->slots[i].name)
            *find(&wider, names->slots[i].name, strlen(names->slots[i].name)) = names->slots[i];
    free(names->slots);
    names->slots = wider.slots;
    names->room = wider.room;
    return true;
}

/* One name, without those above it. */
static const char *add(struct names *names, const char *name, size_t len, enum name_kind kind)
{
    if (names->count + 1 > names->room / 2 && !grow(names))
        return "is one too many for the memory";
    struct name_slot *slot = find(names, name, len);
    if (slot->name)
        return slot->kind == NAME_FOLDER && kind == NAME_FOLDER ? NULL : "is there twice";
    if (names->count >= NAMES_MAX || names->bytes + len > NAMES_BYTES_MAX)
        return "is one too many: the names of all entries and folders are too long together";
    slot->name = strndup(name, len);
    if (!slot->name)
        return "is one too many for the memory";
    slot->kind = kind;
    names->count++;
    names->bytes += len;
    return NULL;
}

const char *names_add(struct names *names, const char *name, enum name_kind kind)
{
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - name);
        struct name_slot *above = names->room ? find(names, name, len) : NULL;
        if (above && above->name && above->kind == NAME_LINK)
            return "lies beneath a link of the archive";
        if (above && above->name && above->kind == NAME_FILE)
            return "lies beneath a file of the archive";
        const char *problem = add(names, name, len, NAME_FOLDER);
        if (problem)
            return problem;
    }
    return add(names, name, strlen(name), kind);
}

struct name_slot *names_find(const struct names *names, const char *name)
{
    struct name_slot *slot = names->room ? find(names, name, strlen(name)) : NULL;
    return slot && slot->name ? slot : NULL;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->room; i++) {
        free(names->slots[i].name);
        free(names->slots[i].of);
    }
    free(names->slots);
    *names = (struct names){0};
}
