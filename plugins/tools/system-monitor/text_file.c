/*
 * SPDX-License-Identifier: MIT
 */
#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The length is not known before: for the kernel these files have none. */
static char *read_all(int fd)
{
    size_t len = 0, room = 4096;
    char *text = malloc(room);
    while (text) {
        ssize_t got = read(fd, text + len, room - len - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0) {
            text[len] = '\0';
            return text;
        }
        len += got > 0 ? (size_t)got : 0;
        char *more = got < 0 || room >= TEXT_FILE_MAX ? NULL
                     : len + 1 < room                 ? text
                                                      : realloc(text, room *= 2);
        if (!more)
            free(text);
        text = more;
    }
    return NULL;
}

char *text_file_read(const char *root, const char *path)
{
    char whole[TEXT_PATH_MAX];
    int len = snprintf(whole, sizeof(whole), "%s%s", root, path);
    int fd = len < (int)sizeof(whole) ? open(whole, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return NULL;
    char *text = read_all(fd);
    close(fd);
    return text;
}

bool text_file_number(const char *root, const char *path, uint64_t *out)
{
    char *text = text_file_read(root, path), *end = NULL;
    errno = 0;
    unsigned long long number = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    bool ok = end != NULL && errno == 0;
    free(text);
    if (ok)
        *out = number;
    return ok;
}
