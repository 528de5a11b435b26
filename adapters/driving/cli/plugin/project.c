#include "adapters/driving/cli/plugin/project.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_MADE 128
#define MAX_DEPTH 8

struct project {
    const struct template_value *values;
    char *made[MAX_MADE]; /* paths, in the order of making */
    size_t made_count;
    struct error *err;
};

/* Remembers that `path` was made. */
static int note(struct project *p, const char *path)
{
    char *copy = p->made_count < MAX_MADE ? strdup(path) : NULL;
    if (!copy)
        return error_set(p->err, ST_NOMEM, "out of memory");
    p->made[p->made_count++] = copy;
    return ST_OK;
}

static int make_folder(struct project *p, const char *path)
{
    if (mkdir(path, 0755) == 0)
        return note(p, path);
    if (errno == EEXIST)
        return ST_OK;
    return error_set(p->err, ST_UNAVAILABLE, "%s cannot be made: %s", path, strerror(errno));
}

static int write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        text.ptr += n;
        text.len -= (size_t)n;
    }
    return 0;
}

static int write_file(struct project *p, const char *path, struct str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return error_set(p->err, ST_CONFIG,
                         "%s exists and is not overwritten; choose another --directory", path);
    if (fd < 0)
        return error_set(p->err, ST_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
    int rc = note(p, path);
    bool bad = write_all(fd, text) != 0;
    bad |= close(fd) != 0;
    if (!rc && bad)
        rc = error_set(p->err, ST_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
    return rc;
}

static int read_file(struct project *p, const char *path, struct buffer *out)
{
    char block[8192];
    FILE *file = fopen(path, "re");
    size_t n;
    if (!file)
        return error_set(p->err, ST_UNAVAILABLE, "%s cannot be read: %s", path, strerror(errno));
    while ((n = fread(block, 1, sizeof(block), file)) > 0)
        buffer_add(out, block, n);
    bool bad = ferror(file);
    fclose(file);
    if (bad || buffer_failed(out))
        return error_set(p->err, ST_UNAVAILABLE, "%s cannot be read", path);
    return ST_OK;
}

static int copy_file(struct project *p, const char *from, const char *to)
{
    struct buffer text = BUFFER_INIT, filled = BUFFER_INIT;
    int rc = read_file(p, from, &text);
    if (!rc) {
        rc = template_fill(buffer_str(&text), p->values, &filled, p->err);
        if (rc)
            error_prefix(p->err, "%s: ", from);
    }
    if (!rc)
        rc = write_file(p, to, buffer_str(&filled));
    buffer_clear(&text);
    buffer_clear(&filled);
    return rc;
}

/* `folder`/`name` with the placeholders of the name filled in. */
static int join(struct project *p, const char *folder, const char *name, char out[PATH_MAX])
{
    struct buffer filled = BUFFER_INIT;
    int rc = template_fill(str_from(name), p->values, &filled, p->err);
    int len = rc ? 0
                 : snprintf(out, PATH_MAX, "%s/%.*s", folder, (int)filled.len,
                            filled.data ? filled.data : "");
    buffer_clear(&filled);
    if (!rc && (len < 0 || len >= PATH_MAX))
        rc = error_set(p->err, ST_TOO_LARGE, "%s/%s: the path is too long", folder, name);
    return rc;
}

static int copy_folder(struct project *p, const char *from, const char *to, int depth);

static int copy_entry(struct project *p, const char *from, const char *name, const char *to,
                      int depth)
{
    char source[PATH_MAX], target[PATH_MAX];
    struct stat st;
    int len = snprintf(source, sizeof(source), "%s/%s", from, name);
    if (len < 0 || (size_t)len >= sizeof(source) || stat(source, &st) != 0)
        return error_set(p->err, ST_UNAVAILABLE, "%s/%s cannot be read", from, name);
    int rc = join(p, to, name, target);
    if (rc || !S_ISDIR(st.st_mode))
        return rc ? rc : copy_file(p, source, target);
    rc = make_folder(p, target);
    return rc ? rc : copy_folder(p, source, target, depth + 1);
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int copy_folder(struct project *p, const char *from, const char *to, int depth)
{
    struct dirent **names;
    int rc = ST_OK;
    int count = depth < MAX_DEPTH ? scandir(from, &names, no_dots, alphasort) : 0;
    if (count < 0)
        return errno == ENOENT ? ST_OK
                               : error_set(p->err, ST_UNAVAILABLE, "%s cannot be read: %s", from,
                                           strerror(errno));
    for (int i = 0; i < count; i++) {
        if (!rc)
            rc = copy_entry(p, from, names[i]->d_name, to, depth);
        free(names[i]);
    }
    if (depth < MAX_DEPTH)
        free(names);
    return rc;
}

int project_make(const char *const *layers, const char *directory,
                 const struct template_value *values, struct error *err)
{
    struct project p = {.values = values, .err = err};
    int rc = make_folder(&p, directory);
    for (; !rc && *layers; layers++)
        rc = copy_folder(&p, *layers, directory, 0);
    while (p.made_count) {
        char *path = p.made[--p.made_count];
        if (rc)
            remove(path);
        free(path);
    }
    return rc;
}
