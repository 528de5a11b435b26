/*
 * SPDX-License-Identifier: MIT
 */
#include "session.h"

#include <errno.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "glob.h"
#include "kit/source.h"

int32_t session_no_memory(const struct session *s)
{
    return hexmcp_fail(s->r->err, HEXMCP_E_NOMEM, "out of memory; watch less at once");
}

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void session_clock(struct session *s)
{
    s->changes.now_ms = (uint64_t)now(CLOCK_MONOTONIC);
    s->changes.when_ms = now(CLOCK_REALTIME);
}

static void read_time(struct session *s, struct args *args)
{
    s->timeout_ms = (uint64_t)args_int(args, "timeout_ms", 1, TIMEOUT_MS_MAX, TIMEOUT_MS_MAX);
}

/* Without slashes at the end. */
static void read_paths(struct session *s, struct args *args)
{
    const char *const *given = args_texts(args, "input", PATHS_MAX, PATH_BYTES_MAX, &s->path_count);
    const char **paths = args_memory(args, (s->path_count + 1) * sizeof(*paths));
    for (size_t i = 0; paths && i < s->path_count; i++) {
        size_t len = strlen(given[i]);
        char *path = args_memory(args, len + 1);
        while (len > 1 && given[i][len - 1] == '/')
            len--;
        paths[i] = path ? strncpy(path, given[i], len) : "";
        if (path)
            path[len] = '\0';
    }
    s->paths = paths;
    if (s->path_count == 0)
        args_fail(args, HEXMCP_E_INVALID, "watch needs input: the files and folders to watch");
}

int32_t session_read(struct session *s, struct args *args)
{
    read_paths(s, args);
    s->recursive = args_bool(args, "recursive", true);
    s->pattern = args_text(args, "pattern", PATTERN_BYTES_MAX, NULL);
    if (s->pattern && !glob_is_closed(s->pattern))
        args_fail(args, HEXMCP_E_INVALID,
                  "pattern has a [ that is not closed; close it, or put \\ before it");
    s->changes.debounce_ms =
        (uint64_t)args_int(args, "debounce_ms", 0, DEBOUNCE_MS_MAX, DEBOUNCE_MS);
    read_time(s, args);
    s->max_events = (uint64_t)args_int(args, "max_events", 1, EVENTS_MAX, EVENTS_MAX);
    return args_status(args);
}

/* A pattern with a slash is about the path beneath what was given. */
bool session_fits(const struct session *s, const char *path)
{
    if (!s->pattern)
        return true;
    for (size_t i = 0; i < s->path_count && strchr(s->pattern, '/'); i++) {
        size_t len = strlen(s->paths[i]);
        if (strncmp(path, s->paths[i], len) == 0 && path[len] == '/' &&
            glob_fits(s->pattern, path + len + 1))
            return true;
    }
    return glob_fits(s->pattern, path);
}

int32_t session_begin(struct session *s)
{
    int32_t status = HEXMCP_OK;
    session_clock(s);
    s->end_ms = s->changes.now_ms + s->timeout_ms;
    s->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (s->inotify < 0 && errno == EPERM)
        return hexmcp_fail(s->r->err, HEXMCP_E_UNSUPPORTED,
                           "a plugin in a process of its own may not watch files; the operator can set "
                           "plugins.isolation of hexmcp.file-watcher to never");
    if (s->inotify < 0)
        return hexmcp_fail(s->r->err, HEXMCP_E_BUSY,
                           "the system lets nobody watch more: %s; wait until other watches have ended, "
                           "or ask the operator to raise fs.inotify.max_user_instances",
                           strerror(errno));
    for (size_t i = 0; i < s->path_count && status == HEXMCP_OK; i++)
        status = scan_given(s, s->paths[i]);
    s->begun = true;
    return status;
}

/* ---- what the kernel tells ---- */

static void forget(void *arg, int number)
{
    struct session *s = arg;
    inotify_rm_watch(s->inotify, number);
    watches_remove(&s->watches, number);
}

void session_forget(struct session *s, const char *path)
{
    char copy[PATH_BYTES_MAX + 1]; /* it may belong to what is removed */
    snprintf(copy, sizeof(copy), "%s", path);
    watches_beneath(&s->watches, copy, forget, s);
}

/* What was lost may be new folders, and names of others: all is watched anew. */
static int32_t begin_again(struct session *s)
{
    int32_t status = HEXMCP_OK;
    s->overflow = true;
    for (size_t i = 0; i < s->watches.room; i++)
        if (s->watches.at[i])
            forget(s, (int)i);
    for (size_t i = 0; i < s->path_count; i++) {
        status = scan_given(s, s->paths[i]);
        if (status == HEXMCP_E_NOMEM || status == HEXMCP_E_CANCELLED)
            return status;
    }
    return HEXMCP_OK;
}

static bool add(struct session *s, enum change_kind kind, const char *path, bool is_dir)
{
    return !session_fits(s, path) || changes_add(&s->changes, kind, path, is_dir, true);
}

/* Something came into a watched folder: made there, or moved. */
static int32_t take_arrival(struct session *s, const struct inotify_event *event, const char *path,
                            bool is_dir)
{
    const struct change *left = NULL;
    bool good = event->cookie == 0
                    ? add(s, CHANGE_CREATE, path, is_dir)
                    : changes_came(&s->changes, path, is_dir, session_fits(s, path), event->cookie, &left);
    if (!good)
        return session_no_memory(s);
    if (!is_dir || !s->recursive)
        return HEXMCP_OK;
    /* It was watched where it was before. */
    if (left)
        return watches_move(&s->watches, left->old_path, path) ? HEXMCP_OK : session_no_memory(s);
    return scan_folder(s, path, 1, true);
}

static int32_t take_entry(struct session *s, const struct watch *watch,
                          const struct inotify_event *event)
{
    char path[PATH_BYTES_MAX + 1];
    bool is_dir = (event->mask & IN_ISDIR) != 0, good = true;
    const char *slash = watch->path[0] ? "/" : "";
    if (!watch_shows(watch, event->name) ||
        snprintf(path, sizeof(path), "%s%s%s", watch->path, slash, event->name) >= (int)sizeof(path))
        return HEXMCP_OK;
    if (event->mask & (IN_CREATE | IN_MOVED_TO))
        return take_arrival(s, event, path, is_dir);
    if (event->mask & IN_MOVED_FROM)
        good = changes_left(&s->changes, path, is_dir, session_fits(s, path), event->cookie);
    else if (event->mask & IN_DELETE)
        good = add(s, CHANGE_DELETE, path, is_dir);
    else if (event->mask & IN_MODIFY)
        good = add(s, CHANGE_MODIFY, path, is_dir);
    else if (event->mask & IN_ATTRIB)
        good = add(s, CHANGE_OTHER, path, is_dir);
    return good ? HEXMCP_OK : session_no_memory(s);
}

/* Of folders beneath, the folder above tells. */
static int32_t take_self(struct session *s, const struct watch *watch,
                         const struct inotify_event *event)
{
    bool gone = (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
    if (!watch->given || !watch->all || !gone)
        return HEXMCP_OK;
    if (!add(s, CHANGE_DELETE, watch->path, true))
        return session_no_memory(s);
    /* Moved away it may be out of what is granted. */
    if (event->mask & IN_MOVE_SELF)
        session_forget(s, watch->path);
    return HEXMCP_OK;
}

static int32_t take_event(struct session *s, const struct inotify_event *event)
{
    const struct watch *watch = watches_find(&s->watches, event->wd);
    if (event->mask & IN_Q_OVERFLOW)
        return begin_again(s);
    if (!watch)
        return HEXMCP_OK;
    if (event->mask & IN_IGNORED) {
        watches_remove(&s->watches, event->wd);
        return HEXMCP_OK;
    }
    return event->len > 0 ? take_entry(s, watch, event) : take_self(s, watch, event);
}

static int32_t take_buffer(struct session *s, const char *buffer, size_t len)
{
    int32_t status = HEXMCP_OK;
    for (size_t at = 0; at < len && status == HEXMCP_OK;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)(buffer + at);
        status = take_event(s, event);
        at += sizeof(*event) + event->len;
    }
    return status;
}

int32_t session_take(struct session *s)
{
    _Alignas(struct inotify_event) char buffer[16384];
    int32_t status = HEXMCP_OK;
    s->drained = false;
    /* More than are wanted need not be held back. */
    while (status == HEXMCP_OK && s->changes.count <= EVENTS_MAX) {
        ssize_t got = read(s->inotify, buffer, sizeof(buffer));
        s->drained = got <= 0;
        if (s->drained)
            break;
        status = take_buffer(s, buffer, (size_t)got);
    }
    return status;
}

void session_clear(struct session *s)
{
    if (s->inotify >= 0)
        close(s->inotify);
    watches_free(&s->watches);
    changes_free(&s->changes);
    hexmcp_json_writer_free(&s->out);
}
