#include "adapters/driving/cli/plugin/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/archive.h"
#include "adapters/driven/plugin_host/names.h"
#include "adapters/driven/private_file/private_file.h"
#include "core/base/nearest.h"

#define STAGE_PREFIX ".hexmcp-"

/* Calls `fn` with each name in the folder. */
static void for_each(int folder, void (*fn)(void *arg, const char *name), void *arg)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    if (!dir && copy >= 0)
        close(copy);
    while (dir && (entry = readdir(dir)))
        fn(arg, entry->d_name);
    if (dir)
        closedir(dir);
}

/* With the lock held no stage is in use. */
static void remove_left(void *arg, const char *name)
{
    if (strncmp(name, STAGE_PREFIX, strlen(STAGE_PREFIX)) == 0)
        archive_remove_folder(*(int *)arg, name);
}

int store_open(struct store *out, struct error *err)
{
    char lock[PATH_MAX + 8];
    *out = (struct store){.fd = -1, .lock = -1};
    if (!places_user_plugins(out->path, sizeof(out->path)))
        return error_set(err, ST_UNAVAILABLE,
                         "there is no home to install plugins in; set HOME or XDG_DATA_HOME");
    snprintf(lock, sizeof(lock), "%s/.lock", out->path);
    int rc = private_file_lock(lock, &out->lock, err);
    if (rc)
        return rc;
    out->fd = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->fd < 0)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be opened: %s", out->path,
                         strerror(errno));
    for_each(out->fd, remove_left, &out->fd);
    return ST_OK;
}

void store_close(struct store *store)
{
    if (store->fd >= 0)
        close(store->fd);
    if (store->lock >= 0)
        private_file_unlock(store->lock);
}

int store_look(struct store *store, struct workshop *w, const char *id, struct record **out,
               struct error *err)
{
    struct stat st;
    if (fstatat(store->fd, id, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return error_set(err, ST_NOT_FOUND, "%s is not installed", id);
    return workshop_verify(w, store->fd, id, out, err);
}

static int put_failed(const struct store *store, const char *id, struct error *err)
{
    return error_set(err, ST_UNAVAILABLE, "%s/%s cannot be put in place: %s", store->path, id,
                     strerror(errno));
}

int store_put(struct store *store, struct stage *stage, struct workshop *w, struct error *err)
{
    const char *id = stage->id;
    struct record *record;
    unsigned how = RENAME_NOREPLACE;
    int moved = renameat2(stage->fd, id, store->fd, id, how);
    if (moved != 0 && errno == EEXIST) {
        how = RENAME_EXCHANGE;
        moved = renameat2(stage->fd, id, store->fd, id, how);
    }
    if (moved != 0)
        return put_failed(store, id, err);
    int rc = workshop_verify(w, store->fd, id, &record, err);
    if (rc) {
        /* Back: the old one to its place, or nothing; the new one goes with the stage. */
        if (renameat2(store->fd, id, stage->fd, id, how) != 0)
            return put_failed(store, id, err);
        return rc;
    }
    free(record);
    fsync(store->fd);
    return ST_OK;
}

struct search {
    struct nearest near;
    char best[NAME_MAX + 1]; /* what near.best points to: names live for a moment only */
};

static void offer(void *arg, const char *name)
{
    struct search *search = arg;
    if (name[0] == '.')
        return;
    nearest_offer(&search->near, str_from(name));
    if (search->near.best.ptr == name) {
        snprintf(search->best, sizeof(search->best), "%s", name);
        search->near.best.ptr = search->best;
    }
}

static int not_there(const struct store *store, const char *id, struct error *err)
{
    struct search search = {.near = {.word = str_from(id)}};
    for_each(store->fd, offer, &search);
    if (search.near.best.len)
        return error_set(err, ST_NOT_FOUND, "there is no plugin %s in %s; did you mean %.*s?", id,
                         store->path, STR_ARG(search.near.best));
    return error_set(err, ST_NOT_FOUND,
                     "there is no plugin %s in %s; \"hexmcp plugin list\" says where each lies", id,
                     store->path);
}

int store_remove(struct store *store, const char *id, struct error *err)
{
    struct stage stage;
    struct stat st;
    if (!name_is_plugin_id(str_from(id)) ||
        fstatat(store->fd, id, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return not_there(store, id, err);
    /* Gone at once for who looks; then taken apart. */
    int rc = stage_open(store->path, &stage, err);
    if (!rc && renameat(store->fd, id, stage.fd, id) != 0)
        rc = error_set(err, ST_UNAVAILABLE, "%s/%s cannot be removed: %s", store->path, id,
                       strerror(errno));
    stage_clear(&stage);
    return rc;
}
