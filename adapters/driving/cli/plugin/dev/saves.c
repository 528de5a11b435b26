#include "adapters/driving/cli/plugin/dev/saves.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FOLDERS 512
#define SETTLE_MS 60
#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR)

struct saves {
    int fd;
    char *paths[MAX_FOLDERS]; /* by the number that inotify gave */
    char except[PATH_MAX];
};

static bool matters(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && name[0] != '.' && name[len - 1] != '~' && strcmp(name, "4913") != 0;
}

static void add_folder(struct saves *w, const char *path)
{
    char real[PATH_MAX];
    if (!realpath(path, real) || strcmp(real, w->except) == 0)
        return;
    int number = inotify_add_watch(w->fd, real, EVENTS);
    if (number < 0 || number >= MAX_FOLDERS)
        return;
    free(w->paths[number]);
    w->paths[number] = strdup(real);
    DIR *dir = opendir(real);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char below[PATH_MAX];
        int len = snprintf(below, sizeof(below), "%s/%s", real, entry->d_name);
        if (entry->d_name[0] != '.' && entry->d_type == DT_DIR && len < (int)sizeof(below))
            add_folder(w, below);
    }
    if (dir)
        closedir(dir);
}

int saves_open(const char *folder, const char *except, struct saves **out, struct error *err)
{
    struct saves *w = calloc(1, sizeof(*w));
    if (!w)
        return error_set(err, ST_NOMEM, "out of memory");
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->fd < 0) {
        free(w);
        return error_set(err, ST_UNAVAILABLE, "files cannot be watched: %s", strerror(errno));
    }
    if (!realpath(except, w->except))
        snprintf(w->except, sizeof(w->except), "%s", except);
    add_folder(w, folder);
    *out = w;
    return ST_OK;
}

void saves_close(struct saves *w)
{
    if (!w)
        return;
    for (int i = 0; i < MAX_FOLDERS; i++)
        free(w->paths[i]);
    close(w->fd);
    free(w);
}

int saves_fd(const struct saves *w)
{
    return w->fd;
}

/* A new folder is watched, too. Returns whether it was a file that matters. */
static bool take_event(struct saves *w, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return true;
    if (!event->len || !matters(event->name))
        return false;
    if (!(event->mask & IN_ISDIR))
        return !(event->mask & IN_CREATE); /* it is closed or moved when it is whole */
    char path[PATH_MAX];
    const char *folder = event->wd >= 0 && event->wd < MAX_FOLDERS ? w->paths[event->wd] : NULL;
    int len = folder ? snprintf(path, sizeof(path), "%s/%s", folder, event->name) : 0;
    if ((event->mask & (IN_CREATE | IN_MOVED_TO)) && len > 0 && len < (int)sizeof(path))
        add_folder(w, path);
    return false;
}

static bool take_events(struct saves *w)
{
    union {
        struct inotify_event event;
        char bytes[16384];
    } block;
    bool any = false;
    ssize_t got;
    while ((got = read(w->fd, &block, sizeof(block))) > 0)
        for (ssize_t at = 0; at < got;) {
            struct inotify_event event;
            memcpy(&event, block.bytes + at, sizeof(event));
            any |= take_event(w, (const struct inotify_event *)(const void *)(block.bytes + at));
            at += (ssize_t)(sizeof(event) + event.len);
        }
    return any;
}

bool saves_take(struct saves *w)
{
    struct pollfd more = {.fd = w->fd, .events = POLLIN};
    bool any = take_events(w);
    while (any && poll(&more, 1, SETTLE_MS) > 0)
        take_events(w);
    return any;
}
