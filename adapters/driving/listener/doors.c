#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driving/listener/open.h"

static void on_knock(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    accept_some(handle->data);
}

void doors_open(struct listener *l)
{
    l->listening = !l->stopped;
    for (struct door *door = l->doors; door && l->listening; door = door->next)
        uv_poll_start(&door->poll, UV_READABLE, on_knock);
}

void doors_shut(struct listener *l)
{
    l->listening = false;
    for (struct door *door = l->doors; door; door = door->next)
        uv_poll_stop(&door->poll);
}

/* Somebody may have put another socket in the place of ours. */
static bool is_still_ours(const struct door *door)
{
    struct stat st;
    return lstat(door->text, &st) == 0 && st.st_dev == door->device && st.st_ino == door->inode;
}

static void free_when_closed(uv_handle_t *handle)
{
    struct door *door = handle->data;
    free(door->text);
    free(door);
}

void door_free(struct door *door)
{
    if (door->local && is_still_ours(door))
        unlink(door->text);
    uv_close((uv_handle_t *)&door->poll, free_when_closed);
    close(door->fd);
}

int door_add(struct listener *l, const struct door_spec *spec, struct error *err)
{
    struct door *door = calloc(1, sizeof(*door));
    char *text = strdup(spec->text);
    int failed = door && text ? uv_poll_init(l->uv, &door->poll, spec->fd) : UV_ENOMEM;
    if (failed) {
        close(spec->fd);
        free(text);
        free(door);
        return error_set(err, ST_UNAVAILABLE, "cannot wait for connections: %s",
                         uv_strerror(failed));
    }
    door->listener = l;
    door->fd = spec->fd;
    door->text = text;
    door->local = spec->local;
    door->loopback = spec->loopback;
    door->port = spec->port;
    door->device = spec->device;
    door->inode = spec->inode;
    door->poll.data = door;
    struct door **end = &l->doors;
    while (*end)
        end = &(*end)->next;
    *end = door;
    return ST_OK;
}
