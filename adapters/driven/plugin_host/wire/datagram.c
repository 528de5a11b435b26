#include "adapters/driven/plugin_host/wire/datagram.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/wire/memory_file.h"

#define FDS_MAX 2

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

struct descriptors {
    int at[FDS_MAX];
    size_t count;
};

/* ---- reading -------------------------------------------------------------------------------- */

static void take_descriptors(struct msghdr *m, struct descriptors *fds)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (fds->count < FDS_MAX)
                fds->at[fds->count++] = fd;
            else
                close(fd);
        }
    }
}

static void close_all(struct descriptors *fds)
{
    while (fds->count)
        close(fds->at[--fds->count]);
}

static int check_header(const struct wire_header *h, size_t got, size_t fd_count, struct error *err)
{
    if (got < sizeof(*h) || h->size != got)
        return error_set(err, ST_PROTOCOL, "a message of %zu bytes has no header that fits", got);
    if (h->flags & ~(WIRE_IN_MEMORY | WIRE_HAS_FD))
        return error_set(err, ST_PROTOCOL, "message %u has the unknown flags %u", h->op, h->flags);
    size_t want = (h->flags & WIRE_IN_MEMORY ? 1 : 0) + (h->flags & WIRE_HAS_FD ? 1 : 0);
    if (fd_count != want)
        return error_set(err, ST_PROTOCOL, "message %u carries %zu descriptors, not %zu", h->op,
                         fd_count, want);
    size_t rest = got - sizeof(*h);
    bool fits = h->flags & WIRE_IN_MEMORY
                    ? rest == 0 && h->body > WIRE_INLINE_MAX && h->body <= WIRE_BODY_MAX
                    : h->body == rest;
    if (!fits)
        return error_set(err, ST_PROTOCOL, "message %u has a body of an impossible length", h->op);
    return ST_OK;
}

static int make_message(const struct wire_header *h, struct descriptors *fds,
                        struct wire_message *out, struct error *err)
{
    struct str body = {(const char *)(h + 1), h->body};
    if (h->flags & WIRE_IN_MEMORY) {
        int rc = memory_file_map(fds->at[0], h->body, &body, err);
        if (rc)
            return rc;
        close(fds->at[0]);
        fds->at[0] = fds->at[fds->count - 1];
        fds->count--;
    }
    *out = (struct wire_message){
        .op = (enum wire_op)h->op, .id = h->id, .body = body, .fd = fds->count ? fds->at[0] : -1};
    return ST_OK;
}

/* What a failed recvmsg() means. */
static int silence(struct error *err)
{
    if (errno == EAGAIN || errno == EINTR)
        return ST_BUSY;
    return error_set(err, ST_UNAVAILABLE, "%s", strerror(errno));
}

int datagram_read(int socket, char *space, struct wire_message *out, struct error *err)
{
    union control control;
    struct iovec iov = {space, DATAGRAM_SPACE};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    struct descriptors fds = {.count = 0};
    ssize_t n = recvmsg(socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return silence(err);
    take_descriptors(&m, &fds);
    if (n == 0 && fds.count == 0)
        return error_set(err, ST_UNAVAILABLE, "the other end is closed");
    int rc = m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)
                 ? error_set(err, ST_PROTOCOL, "a message is longer than any may be")
                 : ST_OK;
    const struct wire_header *h = (const void *)space;
    if (!rc)
        rc = check_header(h, (size_t)n, fds.count, err);
    if (!rc)
        rc = make_message(h, &fds, out, err);
    if (rc)
        close_all(&fds);
    return rc;
}

void datagram_clear(struct wire_message *message, const char *space)
{
    if (message->body.ptr != space + sizeof(struct wire_header))
        memory_file_unmap(message->body);
    if (message->fd >= 0)
        close(message->fd);
    message->fd = -1;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void put_descriptors(struct msghdr *m, union control *control, const struct descriptors *fds)
{
    if (!fds->count)
        return;
    memset(control, 0, sizeof(*control));
    m->msg_control = control;
    m->msg_controllen = CMSG_SPACE(fds->count * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds->count * sizeof(int));
    memcpy(CMSG_DATA(c), fds->at, fds->count * sizeof(int));
}

static struct iovec part_of(struct str bytes)
{
    return (struct iovec){(void *)(uintptr_t)bytes.ptr, bytes.len};
}

static int send_parts(int socket, struct wire_header *h, struct str head, struct str tail,
                      const struct descriptors *fds, struct error *err)
{
    union control control;
    struct iovec iov[3] = {{h, sizeof(*h)}, part_of(head), part_of(tail)};
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = tail.len ? 3 : head.len ? 2 : 1};
    ssize_t n;
    h->size = (uint32_t)(sizeof(*h) + head.len + tail.len);
    put_descriptors(&m, &control, fds);
    do
        n = sendmsg(socket, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return ST_OK;
    if (errno == EAGAIN || errno == ENOBUFS)
        return ST_BUSY;
    return error_set(err, ST_UNAVAILABLE, "%s", strerror(errno));
}

int datagram_write(int socket, enum wire_op op, uint64_t id, struct str head, struct str tail, int fd,
                   struct error *err)
{
    struct wire_header h = {.op = (uint16_t)op, .id = id, .body = head.len + tail.len};
    struct descriptors fds = {.count = 0};
    int memory = -1, rc;
    if (h.body > WIRE_INLINE_MAX) {
        rc = memory_file_make(head, tail, &memory, err);
        if (rc)
            return rc;
        h.flags |= WIRE_IN_MEMORY;
        fds.at[fds.count++] = memory;
        head.len = tail.len = 0;
    }
    if (fd >= 0) {
        h.flags |= WIRE_HAS_FD;
        fds.at[fds.count++] = fd;
    }
    rc = send_parts(socket, &h, head, tail, &fds, err);
    if (memory >= 0)
        close(memory);
    return rc;
}
