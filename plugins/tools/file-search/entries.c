/*
 * SPDX-License-Identifier: MIT
 */
#include "entries.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int grow(void **memory, size_t *room, size_t need, size_t unit)
{
    size_t wanted = *room ? *room : 4096;
    while (wanted < need)
        wanted *= 2;
    if (wanted == *room)
        return 1;
    void *grown = realloc(*memory, wanted * unit);
    if (!grown)
        return 0;
    *memory = grown;
    *room = wanted;
    return 1;
}

/* The names move while they are gathered: until the end `name` is a distance. */
static int add(struct entries *entries, const char *name, enum entry_kind kind)
{
    size_t len = strlen(name) + 1;
    void *at = entries->at, *text = entries->text;
    if (entries->count == ENTRIES_MAX)
        return EFBIG;
    int good = grow(&at, &entries->size, entries->count + 1, sizeof(*entries->at));
    entries->at = at;
    good = good && grow(&text, &entries->room, entries->used + len, 1);
    entries->text = text;
    if (!good)
        return ENOMEM;
    entries->at[entries->count++] =
        (struct entry){kind, (const char *)(uintptr_t)entries->used};
    memcpy(entries->text + entries->used, name, len);
    entries->used += len;
    return 0;
}

static mode_t kind_of(int folder, const struct dirent *found)
{
    struct stat st;
    if (found->d_type != DT_UNKNOWN)
        return (mode_t)DTTOIF(found->d_type);
    return fstatat(folder, found->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
}

static int add_found(struct entries *entries, int folder, const struct dirent *found)
{
    if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
        return 0;
    mode_t mode = kind_of(folder, found);
    if (S_ISREG(mode))
        return add(entries, found->d_name, ENTRY_FILE);
    return S_ISDIR(mode) ? add(entries, found->d_name, ENTRY_FOLDER) : 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void sort(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        entries->at[i].name = entries->text + (uintptr_t)entries->at[i].name;
    if (entries->count > 1)
        qsort(entries->at, entries->count, sizeof(*entries->at), compare);
}

int entries_read(int folder, struct entries *entries)
{
    const struct dirent *found;
    int failure = 0;
    *entries = (struct entries){0};
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        failure = errno;
        if (copy >= 0)
            close(copy);
        return failure;
    }
    rewinddir(dir);
    errno = 0;
    while (failure == 0 && (found = readdir(dir))) {
        failure = add_found(entries, folder, found);
        errno = 0;
    }
    failure = failure ? failure : errno;
    closedir(dir);
    if (failure == 0)
        sort(entries);
    return failure;
}

void entries_clear(struct entries *entries)
{
    free(entries->at);
    free(entries->text);
    *entries = (struct entries){0};
}
