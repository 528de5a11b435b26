/* Opening files and folders beneath granted folders, and nowhere else. All [any], and all may block
 * on the disk. */
#pragma once

#include "ports/path_grants.h"

/* The numbers equal the public HEXMCP_FILES_*. */
enum files_flag {
    FILES_READ = 1,
    FILES_WRITE = 2,
    FILES_CREATE = 4,
    FILES_EXCLUSIVE = 8,
    FILES_TRUNCATE = 16,
    FILES_APPEND = 32,
    FILES_DIRECTORY = 64,
};

#define FILES_NAME_MAX 255

struct files_port {
    void *ctx;

    /* What hexmcp.files/1 says of open() and parent(), for a call with these grants. The texts of
     * errors are for the model and name no path that it did not name, but the granted ones. */
    int (*open)(void *ctx, const struct path_grants *grants, struct str path, unsigned flags,
                int *fd, struct error *err);
    int (*parent)(void *ctx, const struct path_grants *grants, struct str path, unsigned access,
                  int *fd, char name[FILES_NAME_MAX + 1], struct error *err);
};
