/* The folder in which a program starts. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"

/* Folders in folders that are removed; what is deeper stays. */
#define DEPTH_MAX 64

char *process_folder_make(const char *temporary, struct error *err)
{
    struct buffer path = BUFFER_INIT;
    buffer_add_str(&path, str_from(temporary));
    buffer_add_str(&path, STR("/hexmcp-run-XXXXXX"));
    char *folder = buffer_take(&path, NULL);
    if (!folder) {
        error_set(err, ST_NOMEM, "out of memory");
    } else if (!mkdtemp(folder)) {
        error_set(err, ST_UNAVAILABLE, "no folder for the program can be made in %s: %s", temporary,
                  strerror(errno));
        free(folder);
        folder = NULL;
    }
    return folder;
}

static void empty(int fd, int depth);

static void remove_entry(int at, const char *name, int depth)
{
    if (unlinkat(at, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
        return;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && fchmodat(at, name, 0700, 0) == 0)
        fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && depth < DEPTH_MAX)
        empty(fd, depth + 1);
    else if (fd >= 0)
        close(fd);
    unlinkat(at, name, AT_REMOVEDIR);
}

/* Takes the descriptor over. Links are removed, never followed. */
static void empty(int fd, int depth)
{
    struct dirent *entry;
    fchmod(fd, 0700);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return;
    }
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_entry(fd, entry->d_name, depth);
    closedir(dir);
}

void process_folder_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && chmod(path, 0700) == 0)
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        empty(fd, 0);
    rmdir(path);
}
