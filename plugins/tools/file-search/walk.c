/*
 * walk.c - from folder to folder. Each is opened by its path through the host, as its files are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entries.h"
#include "search.h"

#include <unistd.h>

/* Files between two reports of progress. */
#define PROGRESS_FILES 64

/* `path` is what the host opens and clients see; from `rest` on it is relative to the folder of the
 * search. */
struct walk {
    struct search *search;
    char path[HEXMCP_FILES_PATH_MAX + 1];
    size_t len;
    size_t rest;
    int64_t depth;
};

static int push(struct walk *walk, const char *name)
{
    size_t len = strlen(name);
    size_t slash = walk->len > 0 && walk->path[walk->len - 1] != '/';
    if (walk->len + slash + len > HEXMCP_FILES_PATH_MAX)
        return 0;
    if (slash)
        walk->path[walk->len++] = '/';
    memcpy(walk->path + walk->len, name, len + 1);
    walk->len += len;
    return 1;
}

static void tell_progress(const struct search *search)
{
    char text[80];
    int64_t seen = search->searched + search->binary + search->too_large + search->unreadable;
    if (seen % PROGRESS_FILES != 0)
        return;
    snprintf(text, sizeof(text), "%lld files, %lld matches", (long long)seen,
             (long long)search->matches);
    search->host->progress(search->host->ctx, search->call, (double)seen, 0,
                           hexmcp_str_from(text));
}

/* -1: it could not be opened, and that is counted. */
static int open_path(struct walk *walk, uint32_t flags)
{
    struct search *search = walk->search;
    hexmcp_error why = {.size = sizeof(why)};
    int fd;
    int32_t status = search->files->open(search->files->ctx, search->call,
                                         (hexmcp_str){walk->path, walk->len}, flags, &fd, &why);
    if (status == HEXMCP_OK)
        return fd;
    if (search->unreadable++ == 0)
        snprintf(search->left_out, sizeof(search->left_out), "%s", why.text);
    return -1;
}

static void visit_file(struct walk *walk, const char *name)
{
    if (!filter_takes_file(walk->search->filter, walk->path + walk->rest, name) ||
        search_check(walk->search))
        return;
    int fd = open_path(walk, HEXMCP_FILES_READ);
    if (fd < 0)
        return;
    search_file(walk->search, fd, walk->path);
    close(fd);
    tell_progress(walk->search);
}

static void visit_all(struct walk *walk, int folder);

static void visit_folder(struct walk *walk, const char *name)
{
    struct search *search = walk->search;
    if (!search->request->recursive ||
        !filter_takes_folder(search->filter, walk->path + walk->rest, name) || search_check(search))
        return;
    if (walk->depth == search->request->max_depth) {
        search->too_deep++;
        return;
    }
    int fd = open_path(walk, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY);
    if (fd < 0)
        return;
    walk->depth++;
    visit_all(walk, fd);
    walk->depth--;
}

static void visit(struct walk *walk, const struct entry *entry)
{
    size_t len = walk->len;
    if (!push(walk, entry->name)) {
        walk->search->too_deep++;
    } else if (entry->kind == ENTRY_FILE) {
        visit_file(walk, entry->name);
    } else {
        visit_folder(walk, entry->name);
    }
    walk->len = len;
    walk->path[len] = '\0';
}

/* Closes the folder before it goes deeper, so that depth costs no descriptors. */
static void visit_all(struct walk *walk, int folder)
{
    struct search *search = walk->search;
    struct entries entries;
    int failure = entries_read(folder, &entries);
    close(folder);
    if (failure && search->unreadable++ == 0)
        snprintf(search->left_out, sizeof(search->left_out), "%.200s cannot be listed: %s",
                 walk->path, strerror(failure));
    for (size_t i = 0; i < entries.count && failure == 0 && search->end == END_NONE; i++)
        visit(walk, &entries.at[i]);
    entries_clear(&entries);
}

/* Where relative paths begin is not shown. */
static void begin(struct walk *walk)
{
    hexmcp_str path = walk->search->request->path;
    while (path.len > 0 && path.ptr[path.len - 1] == '/' && path.len > 1)
        path.len--;
    if (path.len == 1 && path.ptr[0] == '.')
        path.len = 0;
    memcpy(walk->path, path.ptr, path.len);
    walk->len = path.len;
    walk->path[path.len] = '\0';
    walk->rest = path.len + (path.len > 0 && path.ptr[path.len - 1] != '/');
}

static int32_t run_file(struct search *search)
{
    hexmcp_str path = search->request->path;
    char *text;
    int fd;
    int32_t status = search->files->open(search->files->ctx, search->call, path, HEXMCP_FILES_READ,
                                         &fd, search->err);
    if (status != HEXMCP_OK)
        return status;
    text = strndup(path.ptr, path.len);
    if (text)
        search_file(search, fd, text);
    close(fd);
    free(text);
    return text ? HEXMCP_OK
                : hexmcp_fail(search->err, HEXMCP_E_NOMEM, "out of memory for the path; try again");
}

int32_t search_run(struct search *search)
{
    int fd;
    int32_t status = search->files->open(search->files->ctx, search->call, search->request->path,
                                         HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, &fd,
                                         search->err);
    if (status == HEXMCP_E_INVALID)
        return run_file(search);
    if (status != HEXMCP_OK)
        return status;
    struct walk *walk = calloc(1, sizeof(*walk));
    if (!walk) {
        close(fd);
        return hexmcp_fail(search->err, HEXMCP_E_NOMEM, "out of memory for the path; try again");
    }
    walk->search = search;
    begin(walk);
    visit_all(walk, fd);
    free(walk);
    return HEXMCP_OK;
}
