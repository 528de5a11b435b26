/*
 * watches.h - the folders that are watched, by the number that the kernel gave each.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct watch {
    char *path;
    bool all;    /* everything in it, or only the entries of `only` */
    bool given;  /* it is what the call named, not what was found beneath */
    bool displaced; /* another folder has come to its path: it is gone, or will be told to have moved */
    char **only;
    size_t only_count;
};

/* {0} is empty. */
struct watches {
    struct watch **at; /* by number; NULL: not watched */
    size_t room;
    size_t count;
};

/* The watch of that number; NULL if there is none. */
struct watch *watches_find(const struct watches *w, int number);

/* The folder `path` under that number, or what is there under it already (then *is_new is false). NULL
 * if memory is short. */
struct watch *watches_add(struct watches *w, int number, const char *path, bool *is_new);

/* One more entry of a folder of which not all is watched; false if memory is short. */
bool watch_only(struct watch *watch, const char *name);

/* Whether an entry of that name is watched. */
bool watch_shows(const struct watch *watch, const char *name);

void watches_remove(struct watches *w, int number);

/* Folders at `old_path` and beneath are now at `new_path`; false if memory is short. Two that change
 * places are told one after the other. */
bool watches_move(struct watches *w, const char *old_path, const char *new_path);

/* Calls for the number of each folder at `path` and beneath; the function may remove it. */
void watches_beneath(struct watches *w, const char *path, void (*each)(void *arg, int number),
                     void *arg);

void watches_free(struct watches *w);
