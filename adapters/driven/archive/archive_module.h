/* Between archive.c and the module `archive`, which is libarchive. */
#pragma once

#include "adapters/driven/archive/archive.h"

/* Who takes what is read. Each returns ST_OK, or a status that ends the reading. */
struct archive_taker {
    void *ctx;
    int (*file)(void *ctx, const char *name, struct error *err);
    int (*bytes)(void *ctx, const void *data, size_t len, struct error *err);
};

struct archive_functions {
    int (*write)(int folder, const char *id, const struct archive_files *files, int fd,
                 struct error *err);
    /* Names are as the archive has them, the bundle's folder included, not checked. */
    int (*read)(int fd, const struct archive_taker *taker, struct error *err);
};

typedef int (*archive_entry_fn)(struct archive_functions *out, struct error *err);
