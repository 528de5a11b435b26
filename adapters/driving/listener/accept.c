#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/listener/inside.h"
#include "core/base/str.h"

/* Connections that one turn of the loop accepts from one door. */
#define ACCEPT_BATCH 64

/* How long nothing is accepted when there are no descriptors left. */
#define PAUSE_MS 100u

static void link_guest(struct guest *guest)
{
    struct listener *l = guest->listener;
    guest->next = l->guests;
    if (guest->next)
        guest->next->before = guest;
    l->guests = guest;
    l->facts.connections++;
    l->facts.accepted++;
}

static void unlink_guest(struct guest *guest)
{
    struct listener *l = guest->listener;
    if (guest->before)
        guest->before->next = guest->next;
    else
        l->guests = guest->next;
    if (guest->next)
        guest->next->before = guest->before;
    l->facts.connections--;
}

void guest_end(struct guest *guest)
{
    struct listener *l = guest->listener;
    if (guest->waiting)
        waiting_end(guest->waiting);
    address_leave(l, guest->address);
    unlink_guest(guest);
    free(guest);
    if (l->facts.connections == 0 && l->options.idle)
        l->options.idle(l->options.user);
}

static void on_tls_done(void *arg, int fd)
{
    if (fd >= 0)
        waiting_start(arg, fd);
}

static void on_tls_ended(void *arg)
{
    guest_end(arg);
}

/* IPv4 is IPv4, also when it came over an IPv6 socket. */
static void write_address(const struct sockaddr_storage *from, char *out, socklen_t size)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
    const struct sockaddr_in *four = (const struct sockaddr_in *)from;
    if (from->ss_family == AF_INET)
        inet_ntop(AF_INET, &four->sin_addr, out, size);
    else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], out, size);
    else
        inet_ntop(AF_INET6, &six->sin6_addr, out, size);
}

static void turn_away(struct door *door, int fd, const char *why)
{
    struct listener *l = door->listener;
    l->facts.refused++;
    if (l->options.tls && !door->local)
        close(fd); /* it would have to be said in TLS */
    else
        refuse(fd, door->local, "503 Service Unavailable", why);
}

static bool take_address(struct guest *guest, struct door *door, int fd,
                         const struct sockaddr_storage *from)
{
    struct listener *l = door->listener;
    char text[INET6_ADDRSTRLEN] = "";
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    write_address(from, text, sizeof(text));
    guest->address = address_enter(l, text);
    if (!guest->address) {
        close(fd);
        return false;
    }
    if (guest->address->count <= l->options.max_per_address)
        return true;
    address_leave(l, guest->address);
    turn_away(door, fd,
              "too many connections from your address; close some or try again later "
              "(setting listen.max_per_address)");
    return false;
}

/* The socket's file is ours alone; this is for one whose mode somebody has changed. */
static bool take_process(struct guest *guest, int fd)
{
    struct ucred who = {.uid = (uid_t)-1};
    socklen_t size = sizeof(who);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) ||
        (who.uid != geteuid() && who.uid != 0)) {
        close(fd);
        return false;
    }
    guest->uid = who.uid;
    guest->pid = who.pid;
    return true;
}

static void enter(struct door *door, int fd, const struct sockaddr_storage *from)
{
    struct listener *l = door->listener;
    if (l->facts.connections >= l->options.max_connections) {
        turn_away(door, fd, "too many connections; try again later (setting listen.max_connections)");
        return;
    }
    struct guest *guest = calloc(1, sizeof(*guest));
    if (!guest) {
        close(fd);
        return;
    }
    guest->listener = l;
    guest->local = door->local;
    guest->secure = !door->local && l->options.tls;
    if (!(door->local ? take_process(guest, fd) : take_address(guest, door, fd, from))) {
        free(guest);
        return;
    }
    link_guest(guest);
    if (guest->secure)
        l->options.tls->take(l->options.tls->ctx, fd, on_tls_done, on_tls_ended, guest);
    else
        waiting_start(guest, fd);
}

static void on_pause_over(uv_timer_t *timer)
{
    doors_open(timer->data);
}

/* Without a descriptor a client can be neither served nor told: it is taken with the spare one and
 * closed, so that it does not wait in vain, and the loop does not come back for it at once. */
static void out_of_descriptors(struct door *door)
{
    struct listener *l = door->listener;
    if (l->spare >= 0)
        close(l->spare);
    int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        l->facts.refused++;
        close(fd);
    }
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (!uv_is_active((uv_handle_t *)&l->pause))
        l->options.log->write(l->options.log->ctx, LOG_LEVEL_ERROR, STR("hexmcp"),
                              STR("no descriptors are left for connections; raise the limit of open "
                                  "files, or lower listen.max_connections"));
    doors_shut(l);
    uv_timer_start(&l->pause, on_pause_over, PAUSE_MS, 0);
}

void accept_some(struct door *door)
{
    for (int i = 0; i < ACCEPT_BATCH && door->listener->listening; i++) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof(from);
        int fd = accept4(door->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            enter(door, fd, &from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            out_of_descriptors(door);
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } /* else that connection ended before it was accepted */
    }
}
