#include <errno.h>
#include <sys/socket.h>

#include "adapters/driving/local/wire.h"

/* What one turn of the loop has to say is written together. */
static void flush_later(struct link *k)
{
    struct local *l = k->local;
    if (k->to_flush || ((k->events & UV_WRITABLE) && !k->broken))
        return;
    k->to_flush = true;
    k->next_flush = l->to_flush;
    l->to_flush = k;
}

void link_flush_all(struct local *l)
{
    while (l->to_flush) {
        struct link *k = l->to_flush;
        l->to_flush = k->next_flush;
        k->to_flush = false;
        link_flush(k);
        if (!k->closing)
            link_check_end(k);
    }
}

void link_flush(struct link *k)
{
    if (k->broken) {
        link_end(k);
        return;
    }
    while (!k->closing && line_queue_len(&k->out)) {
        struct str next = line_queue_front(&k->out);
        ssize_t wrote = send(k->fd, next.ptr, next.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (wrote < 0) {
            link_end(k);
            return;
        }
        k->moved += (uint64_t)wrote;
        line_queue_wrote(&k->out, (size_t)wrote);
    }
    link_update(k);
    if (!k->closing && !line_queue_len(&k->out))
        link_check_end(k);
}

void link_say(struct link *k, struct str line)
{
    /* A lost answer would leave the client waiting for ever. */
    k->broken = k->broken || !line_queue_add(&k->out, line);
    flush_later(k);
}

bool link_send(void *ctx, const struct message_about *about, struct str message)
{
    struct link *k = ctx;
    bool may_drop = about->kind == MESSAGE_NOTIFICATION;
    if (k->closing || k->broken || (may_drop && line_queue_len(&k->out) > LINE_QUEUE_SOFT))
        return false;
    link_say(k, message);
    return !k->broken;
}
