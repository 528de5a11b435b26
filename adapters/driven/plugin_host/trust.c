#include "adapters/driven/plugin_host/trust.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct trust trust_here(bool bundled)
{
    struct stat st;
    uid_t own = geteuid();
    uid_t program = bundled && stat("/proc/self/exe", &st) == 0 ? st.st_uid : own;
    return (struct trust){.own = own, .program = program, .bundled = bundled};
}

static int check_owner(const struct trust *t, const struct stat *st, const char *name,
                       struct error *err)
{
    if (st->st_uid == 0 || st->st_uid == t->own || (t->bundled && st->st_uid == t->program))
        return ST_OK;
    return error_set(err, ST_DENIED,
                     "%s belongs to user %u; it must belong to root or to user %u, who runs hexmcp",
                     name, (unsigned)st->st_uid, (unsigned)t->own);
}

int trust_check(const struct trust *t, const struct stat *st, const char *name, struct error *err)
{
    int rc = check_owner(t, st, name, err);
    if (rc)
        return rc;
    if (st->st_mode & S_IWOTH)
        return error_set(err, ST_DENIED, "%s can be written by everybody; run: chmod go-w %s", name,
                         name);
    if ((st->st_mode & S_IWGRP) && !t->bundled)
        return error_set(err, ST_DENIED, "%s can be written by its group; run: chmod go-w %s", name,
                         name);
    return ST_OK;
}

static int check_folder(const struct trust *t, const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return error_set(err, ST_DENIED, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX))
        return check_owner(t, &st, path, err);
    return trust_check(t, &st, path, err);
}

int trust_check_path(const struct trust *t, const char *path, struct error *err)
{
    char real[PATH_MAX];
    if (!realpath(path, real))
        return error_set(err, ST_DENIED, "%s: %s", path, strerror(errno));
    int rc = check_folder(t, real, err);
    for (char *slash = strrchr(real, '/'); !rc && !t->bundled && slash && slash != real;
         slash = strrchr(real, '/')) {
        *slash = '\0';
        rc = check_folder(t, real, err);
    }
    return rc || t->bundled ? rc : check_folder(t, "/", err);
}
