/*
 * SPDX-License-Identifier: MIT
 */
#include "collect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kit/source.h"
#include "limits.h"

/* A path in the granted folders, and the name in the archive. */
struct place {
    char path[HEXMCP_FILES_PATH_MAX + 1];
    char name[NAME_BYTES_MAX + 1];
};

static int32_t visit(struct collection *c, bool is_folder, struct place *place);

int32_t collect_begin(struct collection *c, const hexmcp_round *r, collect_fn *each, void *arg)
{
    *c = (struct collection){.r = r, .each = each, .arg = arg};
    passed_begin(&c->passed);
    c->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (c->locale)
        c->before = uselocale(c->locale);
    return HEXMCP_OK;
}

void collect_end(struct collection *c)
{
    names_free(&c->names);
    passed_free(&c->passed);
    if (c->locale) {
        uselocale(c->before);
        freelocale(c->locale);
    }
}

void collect_leave_out(struct collection *c, const struct target *target)
{
    if (fstat(target->fd, &c->out[c->out_count]) == 0)
        c->out_count++;
    if (target->there && fstatat(target->folder, target->name, &c->out[c->out_count],
                                 AT_SYMLINK_NOFOLLOW) == 0)
        c->out_count++;
}

static bool is_out(const struct collection *c, const struct stat *about)
{
    for (size_t i = 0; i < c->out_count; i++)
        if (c->out[i].st_dev == about->st_dev && c->out[i].st_ino == about->st_ino)
            return true;
    return false;
}

static int32_t fail_limit(struct collection *c, const char *name, const char *rule)
{
    return hexmcp_fail(c->r->err, HEXMCP_E_TOO_LARGE,
                       "%.200s does not fit: an archive made here has %s; pack less at once", name,
                       rule);
}

static int32_t check_limits(struct collection *c, const char *name, const struct stat *about)
{
    uint64_t size = S_ISREG(about->st_mode) ? (uint64_t)about->st_size : 0;
    if (++c->entries > ENTRIES_MAX)
        return fail_limit(c, name, "at most 10000 entries");
    if (size > ENTRY_BYTES_MAX)
        return fail_limit(c, name, "files of at most 100 MiB");
    c->total += size;
    return c->total > TOTAL_BYTES_MAX ? fail_limit(c, name, "at most 1 GiB of files") : HEXMCP_OK;
}

/* Names of a folder. */
struct listed {
    char **names;
    size_t count, room;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool listed_add(struct listed *l, const char *name)
{
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 32;
        char **wider = realloc(l->names, room * sizeof(*wider));
        if (!wider)
            return false;
        l->names = wider;
        l->room = room;
    }
    l->names[l->count] = strdup(name);
    return l->names[l->count] && ++l->count;
}

static void listed_free(struct listed *l)
{
    while (l->count > 0)
        free(l->names[--l->count]);
    free(l->names);
}

static bool list_folder(int fd, struct listed *l)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    DIR *folder = own >= 0 ? fdopendir(own) : NULL;
    const struct dirent *entry;
    bool good = folder != NULL;
    if (!folder && own >= 0)
        close(own);
    /* One more than an archive may have is enough to be told so. */
    while (good && l->count <= ENTRIES_MAX && (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            good = listed_add(l, entry->d_name);
    if (folder)
        closedir(folder);
    if (good && l->count > 0)
        qsort(l->names, l->count, sizeof(*l->names), compare);
    return good;
}

/* What is neither a file nor a folder is told and left out, as what the host does not open. */
static int32_t visit_child(struct collection *c, int folder, const char *name, struct place *place)
{
    struct stat about;
    if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || is_out(c, &about))
        return HEXMCP_OK;
    if (S_ISLNK(about.st_mode)) {
        passed_add(&c->passed, place->name, "symbolic links are not packed");
        return HEXMCP_OK;
    }
    if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) {
        passed_add(&c->passed, place->name, "it is neither a file nor a folder");
        return HEXMCP_OK;
    }
    int32_t status = visit(c, S_ISDIR(about.st_mode), place);
    if (status != HEXMCP_E_DENIED && status != HEXMCP_E_NOT_FOUND)
        return status;
    passed_add(&c->passed, place->name, c->r->err->text);
    return HEXMCP_OK;
}

static int32_t visit_children(struct collection *c, int fd, struct place *place)
{
    struct listed l = {0};
    size_t path_len = strlen(place->path), name_len = strlen(place->name);
    int32_t status = HEXMCP_OK;
    if (!list_folder(fd, &l))
        status = hexmcp_fail(c->r->err, HEXMCP_E_GENERIC, "%.*s cannot be listed: %s; try again",
                             SHOWN(place->path), strerror(errno));
    for (size_t i = 0; i < l.count && status == HEXMCP_OK; i++) {
        int path_more = snprintf(place->path + path_len, sizeof(place->path) - path_len, "/%s",
                                 l.names[i]);
        int name_more = snprintf(place->name + name_len, sizeof(place->name) - name_len, "%s%s",
                                 name_len ? "/" : "", l.names[i]);
        if ((size_t)path_more >= sizeof(place->path) - path_len ||
            (size_t)name_more >= sizeof(place->name) - name_len)
            status = fail_limit(c, l.names[i], "names of at most 1024 bytes");
        else
            status = visit_child(c, fd, l.names[i], place);
        place->path[path_len] = place->name[name_len] = '\0';
    }
    listed_free(&l);
    return status;
}

static int32_t add_name(struct collection *c, const struct place *place, bool is_folder)
{
    char clean[NAME_BYTES_MAX + 1];
    const char *problem = name_clean(place->name, clean);
    if (!problem)
        problem = names_add(&c->names, clean, is_folder ? NAME_FOLDER : NAME_FILE);
    if (!problem)
        return HEXMCP_OK;
    return hexmcp_fail(c->r->err, HEXMCP_E_INVALID,
                       "%.200s cannot be packed under that name: it %s; give each file once", place->name,
                       problem);
}

static int32_t visit_open(struct collection *c, int fd, struct place *place)
{
    struct stat about;
    struct found found = {place->name, fd, &about};
    if (fstat(fd, &about) != 0 || is_out(c, &about))
        return HEXMCP_OK;
    bool is_folder = S_ISDIR(about.st_mode);
    if (place->name[0] != '\0') {
        int32_t status = check_limits(c, place->name, &about);
        if (status == HEXMCP_OK)
            status = add_name(c, place, is_folder);
        if (status == HEXMCP_OK)
            status = c->each(c->arg, &found);
        if (status != HEXMCP_OK)
            return status;
    }
    return is_folder ? visit_children(c, fd, place) : HEXMCP_OK;
}

static int32_t visit(struct collection *c, bool is_folder, struct place *place)
{
    int fd;
    int32_t status = is_folder ? source_open_folder(c->r, place->path, &fd)
                               : source_open(c->r, place->path, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = visit_open(c, fd, place);
    close(fd);
    return status;
}

int32_t collect(struct collection *c, const char *path)
{
    struct place place;
    uint32_t before = c->entries;
    size_t len = strlen(path);
    snprintf(place.path, sizeof(place.path), "%s", path);
    while (len > 1 && place.path[len - 1] == '/')
        place.path[--len] = '\0';
    if (name_clean(place.path, place.name) != NULL) {
        const char *slash = strrchr(place.path, '/');
        const char *last = slash ? slash + 1 : place.path;
        if (name_clean(last, place.name) != NULL)
            place.name[0] = '\0';
    }
    /* A file is no folder; for all else the second try tells what is wrong. */
    int32_t status = visit(c, true, &place);
    return status == HEXMCP_E_INVALID && c->entries == before ? visit(c, false, &place) : status;
}
