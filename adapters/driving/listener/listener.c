#include "adapters/driving/listener/listener.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/listener/inside.h"
#include "core/base/str.h"

int listener_new(struct loop *loop, const struct listener_options *options, struct listener **out,
                 struct error *err)
{
    struct listener *l = calloc(1, sizeof(*l));
    if (!l)
        return error_set(err, ST_NOMEM, "out of memory");
    l->loop = loop;
    l->uv = loop_uv(loop);
    l->options = *options;
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    uv_timer_init(l->uv, &l->pause);
    l->pause.data = l;
    *out = l;
    return ST_OK;
}

int listener_start(struct listener *l, struct error *err)
{
    if (!l->doors)
        return error_set(err, ST_INVALID, "there is no address to listen on");
    doors_open(l);
    return ST_OK;
}

bool listener_place_at(const struct listener *l, size_t index, struct listener_place *out)
{
    const struct door *door = l->doors;
    while (door && index--)
        door = door->next;
    if (!door)
        return false;
    *out = (struct listener_place){str_from(door->text), door->local, door->loopback,
                                     door->port};
    return true;
}

void listener_facts(const struct listener *l, struct listener_facts *out)
{
    *out = l->facts;
}

static void close_doors(struct listener *l)
{
    while (l->doors) {
        struct door *door = l->doors;
        l->doors = door->next;
        door_free(door);
    }
}

/* A guest with TLS ends when its TLS does, which sees that nobody is behind it. */
static void end_waiting(struct listener *l)
{
    struct guest *guest = l->guests;
    while (guest) {
        struct guest *next = guest->next;
        if (guest->waiting && guest->secure)
            waiting_end(guest->waiting);
        else if (guest->waiting)
            guest_end(guest);
        guest = next;
    }
}

void listener_stop(struct listener *l)
{
    if (l->stopped)
        return;
    l->stopped = true;
    l->listening = false;
    uv_timer_stop(&l->pause);
    close_doors(l);
    bool alone = l->facts.connections == 0;
    end_waiting(l);
    if (alone && l->options.idle)
        l->options.idle(l->options.user);
}

static void free_when_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    l->options.idle = NULL;
    listener_stop(l);
    while (l->guests)
        guest_end(l->guests);
    if (l->spare >= 0)
        close(l->spare);
    uv_close((uv_handle_t *)&l->pause, free_when_closed);
}
