/* Which file a granted program is, and whether others could have put it there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"

/* A sticky folder lets nobody touch what belongs to another. */
static int check(const char *path, bool folder, struct error *err)
{
    struct stat st;
    if (stat(path, &st))
        return error_set(err, ST_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return error_set(err, ST_DENIED,
                         "%s belongs to user %u; programs that plugins start must belong to root or "
                         "to the user who runs hexmcp",
                         path, (unsigned)st.st_uid);
    bool group = (st.st_mode & S_IWGRP) && st.st_gid != 0;
    if (((st.st_mode & S_IWOTH) || group) && !(folder && (st.st_mode & S_ISVTX)))
        return error_set(err, ST_DENIED, "%s can be changed by other users; run: chmod go-w %s",
                         path, path);
    return ST_OK;
}

static int check_all(const char *path, struct error *err)
{
    char above[PATH_MAX];
    int rc = check(path, false, err);
    memcpy(above, path, strlen(path) + 1); /* as long as realpath makes it at most */
    for (char *slash = strrchr(above, '/'); !rc && slash; slash = strrchr(above, '/')) {
        slash[slash == above] = '\0';
        rc = check(above, true, err);
        if (slash == above)
            break;
    }
    return rc;
}

/* The folder of the name that was found matters, too: the link there could be changed. */
static int take(const char *found, char path[PATH_MAX], struct error *err)
{
    struct stat st;
    char real[PATH_MAX], folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", found);
    *strrchr(folder, '/') = '\0';
    if (!realpath(found, real))
        return error_set(err, ST_NOT_FOUND, "%s: %s", found, strerror(errno));
    if (stat(real, &st) || !S_ISREG(st.st_mode) || access(real, X_OK))
        return error_set(err, ST_NOT_FOUND, "%s is no program", found);
    int rc = check(folder[0] ? folder : "/", true, err);
    if (!rc)
        rc = check_all(real, err);
    if (!rc)
        memcpy(path, real, strlen(real) + 1);
    return rc;
}

int process_program_find(const char *name, char path[PATH_MAX], struct error *err)
{
    char candidate[PATH_MAX];
    const char *folders = FIXED_PATH;
    if (name[0] == '/')
        return take(name, path, err);
    if (strchr(name, '/') || strlen(name) > NAME_MAX)
        return error_set(err, ST_INVALID,
                         "%.100s is neither a name nor an absolute path of a program", name);
    while (*folders) {
        size_t len = strcspn(folders, ":");
        snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)len, folders, name);
        if (access(candidate, X_OK) == 0)
            return take(candidate, path, err);
        folders += len + (folders[len] == ':');
    }
    return error_set(err, ST_NOT_FOUND, "there is no program %s in %s", name, FIXED_PATH);
}
