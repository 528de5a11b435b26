/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "kit/pace.h"

#define PIECE ((size_t)256 * 1024)

static int32_t open_with(const hexmcp_round *r, const char *path, uint32_t flags, int *fd)
{
    const hexmcp_files_1 *files = hexmcp_round_service(r, HEXMCP_FILES_1);
    int32_t opened = -1;
    if (!files)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "this server lets no tool read files; the operator allows a folder with "
                           "--allow-read FOLDER");
    int32_t status =
        files->open(files->ctx, r->call, hexmcp_str_from(path), flags, &opened, r->err);
    if (status == HEXMCP_OK)
        *fd = opened;
    return status;
}

int32_t source_open(const hexmcp_round *r, const char *path, int *fd)
{
    return open_with(r, path, HEXMCP_FILES_READ, fd);
}

int32_t source_open_folder(const hexmcp_round *r, const char *path, int *fd)
{
    return open_with(r, path, HEXMCP_FILES_READ | HEXMCP_FILES_DIRECTORY, fd);
}

static int32_t too_large(const hexmcp_round *r, const char *path, size_t most)
{
    return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                       "%.*s has more than %zu bytes, the most that is taken; give a smaller file",
                       SHOWN(path), most);
}

/* The file can grow meanwhile: the bytes that come are what counts. */
static int32_t read_all(const hexmcp_round *r, int fd, const char *path, size_t most, char *piece,
                        struct bytes *bytes)
{
    struct pace pace = pace_begin(r);
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK) {
        ssize_t got = read(fd, piece, PIECE);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "cannot read %.*s: %s; try again",
                               SHOWN(path), strerror(errno));
        if ((size_t)got > most - bytes->len)
            return too_large(r, path, most);
        if (!bytes_add(bytes, piece, (size_t)got))
            return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for %.*s; try again",
                               SHOWN(path));
        status = pace_step(&pace, (double)bytes->len, 0, "reading");
    }
    return status;
}

int32_t source_read_fd(const hexmcp_round *r, int fd, const char *path, size_t most,
                       struct bytes *bytes)
{
    struct stat about = {0};
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s is a folder; give the path of a file",
                           SHOWN(path));
    if (about.st_size > 0 && (size_t)about.st_size > most)
        return too_large(r, path, most);
    char *piece = malloc(PIECE);
    if (!piece)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for %.*s; try again", SHOWN(path));
    int32_t status = read_all(r, fd, path, most, piece, bytes);
    free(piece);
    return status;
}

int32_t source_read_file(const hexmcp_round *r, const char *path, size_t most, struct bytes *bytes)
{
    struct bytes fresh = {0};
    int fd = -1;
    int32_t status = source_open(r, path, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = source_read_fd(r, fd, path, most, &fresh);
    close(fd);
    if (status == HEXMCP_OK)
        *bytes = fresh;
    else
        bytes_free(&fresh);
    return status;
}

int32_t source_read(const hexmcp_round *r, struct args *args, size_t most_input, size_t most_file,
                    struct source *source)
{
    bool has_input = args_has(args, "input"), has_path = args_has(args, "path");
    *source = (struct source){0};
    if (has_input == has_path)
        args_fail(args, HEXMCP_E_INVALID,
                  has_input ? "input and path are both given; give one of them"
                            : "there is nothing to work on; give input (the data itself) or path "
                              "(a file)");
    if (has_input)
        source->data = args_bytes(args, "input", most_input);
    else
        source->path = args_text(args, "path", 4096, NULL);
    if (args_status(args) != HEXMCP_OK || has_input)
        return args_status(args);
    int32_t status = source_read_file(r, source->path, most_file, &source->held);
    source->data = source->held.ptr ? bytes_str(&source->held) : (hexmcp_str){"", 0};
    return status;
}

void source_free(struct source *source)
{
    bytes_free(&source->held);
    source->data = (hexmcp_str){NULL, 0};
}

const char *source_path_argument(struct args *args)
{
    const char *source = args_text(args, "source_path", 4096, NULL);
    const char *path = args_text(args, "path", 4096, source);
    if (source && source != path && strcmp(source, path) != 0)
        args_fail(args, HEXMCP_E_INVALID, "path and source_path differ; give one of them");
    return path;
}
