/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/source.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "kit/pace.h"

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

/* A folder can be opened, too. */
static int32_t check(const hexmcp_round *r, int fd, const char *path, size_t most)
{
    struct stat about = {0};
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s is a folder; give the path of a file",
                           SHOWN(path));
    return about.st_size > 0 && (size_t)about.st_size > most ? too_large(r, path, most) : HEXMCP_OK;
}

static int32_t no_memory(const hexmcp_round *r, const char *path)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for %.*s; try again", SHOWN(path));
}

/* Fills the piece as far as the file goes. */
static int32_t next_piece(const hexmcp_round *r, int fd, const char *path, char *piece, size_t *len)
{
    *len = 0;
    while (*len < SOURCE_PIECE) {
        ssize_t got = read(fd, piece + *len, SOURCE_PIECE - *len);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "cannot read %.*s: %s; try again",
                               SHOWN(path), strerror(errno));
        *len += (size_t)got;
    }
    return HEXMCP_OK;
}

int32_t source_pieces(const hexmcp_round *r, int fd, const char *path, size_t most,
                      int32_t (*take)(void *arg, hexmcp_str piece), void *arg)
{
    size_t len = SOURCE_PIECE, total = 0;
    int32_t status = check(r, fd, path, most);
    if (status != HEXMCP_OK)
        return status;
    char *piece = malloc(SOURCE_PIECE);
    if (!piece)
        return no_memory(r, path);
    while (status == HEXMCP_OK && len == SOURCE_PIECE) {
        status = next_piece(r, fd, path, piece, &len);
        if (status != HEXMCP_OK)
            break;
        total += len; /* the file can grow meanwhile: the bytes that come are what counts */
        status = total > most ? too_large(r, path, most) : take(arg, (hexmcp_str){piece, len});
    }
    free(piece);
    return status;
}

struct reading {
    struct pace pace;
    const char *path;
    struct bytes *bytes;
};

static int32_t add_piece(void *arg, hexmcp_str piece)
{
    struct reading *reading = arg;
    if (!bytes_add(reading->bytes, piece.ptr, piece.len))
        return no_memory(reading->pace.r, reading->path);
    return pace_step(&reading->pace, (double)reading->bytes->len, 0, "reading");
}

int32_t source_read_fd(const hexmcp_round *r, int fd, const char *path, size_t most,
                       struct bytes *bytes)
{
    struct reading reading = {pace_begin(r), path, bytes};
    return source_pieces(r, fd, path, most, add_piece, &reading);
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

void source_arguments(struct args *args, size_t most_input, struct source *source)
{
    *source = (struct source){0};
    source->data = args_bytes_or(args, "input", most_input, "shorten it, or put it in a file and give path");
    source->path = args_text(args, "path", 4096, NULL);
    if (source->data.ptr && source->path)
        args_fail(args, HEXMCP_E_INVALID, "input and path are both given; give one of them");
    if (!source->data.ptr && !source->path)
        args_fail(args, HEXMCP_E_INVALID,
                  "there is nothing to work on; give input (the data itself) or path (a file)");
}

int32_t source_read(const hexmcp_round *r, struct args *args, size_t most_input, size_t most_file,
                    struct source *source)
{
    source_arguments(args, most_input, source);
    if (args_status(args) != HEXMCP_OK || !source->path)
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
