/* The plugins that the user installed: one folder, a bundle each. One process changes it at a time. */
#pragma once

#include "adapters/driving/cli/plugin/stage.h"

struct store {
    char path[PATH_MAX];
    int fd;
    int lock;
};

/* Makes the folder if it is missing, waits for its lock, and removes what a command left that was
 * killed. The caller closes it, also after a failure. */
int store_open(struct store *out, struct error *err);
void store_close(struct store *store);

/* The installed bundle of this id, verified. ST_NOT_FOUND, or why it is refused. */
int store_look(struct store *store, struct workshop *w, const char *id, struct record **out,
               struct error *err);

/* Puts the verified bundle of the stage in its place at once. The old one, if there is one, goes
 * when the new one is verified where it lies; before that it can come back, and does if need be. */
int store_put(struct store *store, struct stage *stage, struct workshop *w, struct error *err);

/* Removes the bundle. ST_NOT_FOUND names the nearest one. */
int store_remove(struct store *store, const char *id, struct error *err);
