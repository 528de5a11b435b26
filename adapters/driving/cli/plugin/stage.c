#include "adapters/driving/cli/plugin/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/archive/archive.h"
#include "adapters/driven/plugin_host/names.h"
#include "adapters/driving/cli/plugin/manifest_edit.h"

#define UNNAMED "unnamed"

int stage_open(const char *parent, struct stage *out, struct error *err)
{
    char path[PATH_MAX];
    *out = (struct stage){.fd = -1, .parent = -1};
    int len = snprintf(path, sizeof(path), "%s/.hexmcp-XXXXXX", parent);
    if (len < 0 || (size_t)len >= sizeof(path))
        return error_set(err, ST_TOO_LARGE, "%s: the path is too long", parent);
    out->parent = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->parent < 0)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be opened: %s", parent, strerror(errno));
    if (!mkdtemp(path))
        return error_set(err, ST_UNAVAILABLE, "%s cannot be written: %s", parent, strerror(errno));
    snprintf(out->name, sizeof(out->name), "%s", strrchr(path, '/') + 1);
    out->fd = openat(out->parent, out->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (out->fd < 0)
        return error_set(err, ST_UNAVAILABLE, "%s cannot be opened: %s", path, strerror(errno));
    return ST_OK;
}

void stage_clear(struct stage *stage)
{
    if (stage->fd >= 0)
        close(stage->fd);
    if (stage->name[0])
        archive_remove_folder(stage->parent, stage->name);
    if (stage->parent >= 0)
        close(stage->parent);
    free(stage->record);
}

/* A folder of the bundle's name in the stage. A descriptor. */
static int make_folder(struct stage *stage, const char *name, struct error *err)
{
    int fd = -1;
    if (mkdirat(stage->fd, name, 0755) == 0)
        fd = openat(stage->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ST_UNAVAILABLE, "the bundle %s cannot be made: %s", name,
                         strerror(errno));
    return fd;
}

/* All of a small file. */
static int read_text(int folder, const char *name, struct buffer *out, struct error *err)
{
    char block[8192];
    ssize_t n = -1;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    while (fd >= 0 && out->len <= MANIFEST_MAX_BYTES && (n = read(fd, block, sizeof(block))) > 0)
        buffer_add(out, block, (size_t)n);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (fd < 0 || n < 0 || buffer_failed(out))
        return error_set(err, ST_DENIED, "%s: %s", name, strerror(why));
    return ST_OK;
}

static int rewrite(int folder, const char *name, struct str text, struct error *err)
{
    int fd = openat(folder, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    bool bad = fd < 0;
    while (!bad && text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        bad = n < 0;
        text = n < 0 ? text : (struct str){text.ptr + n, text.len - (size_t)n};
    }
    int why = errno;
    if (fd >= 0)
        close(fd);
    return bad ? error_set(err, ST_UNAVAILABLE, "%s cannot be written: %s", name, strerror(why))
               : ST_OK;
}

static int write_digest(struct workshop *w, int folder, struct error *err)
{
    char digest[DIGEST_TEXT];
    struct buffer text = BUFFER_INIT, changed = BUFFER_INIT;
    int fd = openat(folder, "plugin.so", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return ST_OK; /* verification says it better */
    int rc = workshop_digest(w, fd, digest, err);
    close(fd);
    if (!rc)
        rc = read_text(folder, "plugin.json", &text, err);
    if (!rc)
        rc = manifest_set_digest(buffer_str(&text), digest, &changed, err);
    if (!rc)
        rc = rewrite(folder, "plugin.json", buffer_str(&changed), err);
    buffer_clear(&text);
    buffer_clear(&changed);
    return rc;
}

static int copy_open(struct stage *stage, struct workshop *w, int from, bool digest,
                     struct error *err)
{
    struct archive_files files;
    struct buffer text = BUFFER_INIT;
    int rc = read_text(from, "plugin.json", &text, err);
    if (!rc)
        manifest_id(buffer_str(&text), stage->id);
    buffer_clear(&text);
    if (!rc && !stage->id[0]) /* verification says what is wrong with the manifest */
        snprintf(stage->id, sizeof(stage->id), UNNAMED);
    if (!rc)
        rc = archive_list(from, &files, err);
    if (rc)
        return rc;
    stage->files = files.count;
    int to = make_folder(stage, stage->id, err);
    rc = to < 0 ? to : archive_copy(from, &files, to, err);
    if (!rc && digest)
        rc = write_digest(w, to, err);
    if (to >= 0)
        close(to);
    archive_files_clear(&files);
    return rc;
}

int stage_copy(struct stage *stage, struct workshop *w, const char *folder, bool digest,
               struct error *err)
{
    int from = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0)
        return error_set(err, errno == ENOENT ? ST_NOT_FOUND : ST_UNAVAILABLE, "%s: %s", folder,
                         strerror(errno));
    int rc = copy_open(stage, w, from, digest, err);
    close(from);
    return rc ? error_prefix(err, "%s: ", folder) : ST_OK;
}

int stage_unpack(struct stage *stage, struct workshop *w, int archive, struct error *err)
{
    char id[ARCHIVE_MAX_ID + 1];
    int to = make_folder(stage, UNNAMED, err);
    if (to < 0)
        return to;
    int rc = archive_read(places_modules(w->places), archive, to, id, err);
    close(to);
    if (rc)
        return rc;
    if (!name_is_plugin_id(str_from(id)))
        return error_set(err, ST_DENIED, "its folder %s is not named by the id of a plugin", id);
    if (renameat(stage->fd, UNNAMED, stage->fd, id) != 0)
        return error_set(err, ST_UNAVAILABLE, "the bundle %s cannot be made: %s", id,
                         strerror(errno));
    snprintf(stage->id, sizeof(stage->id), "%s", id);
    return ST_OK;
}

int stage_verify(struct stage *stage, struct workshop *w, struct error *err)
{
    int rc = workshop_verify(w, stage->fd, stage->id, &stage->record, err);
    if (!rc)
        stage->version = record_text(stage->record, TEXT_VERSION);
    return rc;
}
