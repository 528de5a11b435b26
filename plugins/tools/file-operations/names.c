/*
 * SPDX-License-Identifier: MIT
 */
#include "names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add(struct names *names, const char *name)
{
    size_t len = strlen(name) + 1;
    if (names->count == NAMES_MAX)
        return EFBIG;
    if (len > names->size - names->used) {
        size_t size = names->size ? names->size * 2 : 4096;
        char *text = realloc(names->text, size);
        if (!text)
            return ENOMEM;
        names->text = text;
        names->size = size;
    }
    memcpy(names->text + names->used, name, len);
    names->used += len;
    names->count++;
    return 0;
}

static int read_entries(DIR *dir, struct names *names)
{
    const struct dirent *entry;
    int failure = 0;
    errno = 0;
    while (failure == 0 && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            failure = add(names, entry->d_name);
        errno = 0;
    }
    return failure ? failure : errno;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The text has stopped moving. */
static int sort(struct names *names)
{
    char *name = names->text;
    names->at = malloc((names->count + 1) * sizeof(*names->at));
    if (!names->at)
        return ENOMEM;
    for (size_t i = 0; i < names->count; i++, name += strlen(name) + 1)
        names->at[i] = name;
    qsort(names->at, names->count, sizeof(*names->at), compare);
    return 0;
}

int names_read(int folder, struct names *names)
{
    *names = (struct names){0};
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        int failure = errno;
        if (copy >= 0)
            close(copy);
        return failure;
    }
    rewinddir(dir);
    int failure = read_entries(dir, names);
    closedir(dir);
    return failure ? failure : sort(names);
}

void names_clear(struct names *names)
{
    free(names->at);
    free(names->text);
    *names = (struct names){0};
}
