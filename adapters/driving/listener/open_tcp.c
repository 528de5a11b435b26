#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/listener/inside.h"
#include "adapters/driving/listener/open.h"
#include "core/base/str.h"

#define BACKLOG 511

/* "HOST:PORT" or "[IPv6]:PORT" in its parts. */
struct host_port {
    char host[256];
    char port[8];
};

static bool is_port(struct str text)
{
    long value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return text.len > 0 && text.len < 6 && value < 65536;
}

static bool split(struct str address, struct host_port *out)
{
    const char *colon = address.ptr ? memrchr(address.ptr, ':', address.len) : NULL;
    if (!colon)
        return false;
    struct str host = {address.ptr, (size_t)(colon - address.ptr)};
    struct str port = {colon + 1, address.len - host.len - 1};
    bool brackets = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (brackets)
        host = (struct str){host.ptr + 1, host.len - 2};
    bool colons = host.len && memchr(host.ptr, ':', host.len);
    if (host.len == 0 || host.len >= sizeof(out->host) || brackets != colons || !is_port(port))
        return false;
    memcpy(out->host, host.ptr, host.len);
    out->host[host.len] = '\0';
    memcpy(out->port, port.ptr, port.len);
    out->port[port.len] = '\0';
    return true;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* Open and listening, or -1 with errno. */
static int listen_on(const struct addrinfo *at)
{
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (at->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, BACKLOG)) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    return ntohs(address->ss_family == AF_INET ? four->sin_port : six->sin6_port);
}

static void set_port(struct addrinfo *at, uint16_t port)
{
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)at->ai_addr;
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)at->ai_addr;
    if (at->ai_family == AF_INET)
        four->sin_port = htons(port);
    else
        six->sin6_port = htons(port);
}

/* The address that `fd` is bound to, and its port. */
static uint16_t describe(int fd, char *text, size_t size)
{
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof(bound);
    char host[INET6_ADDRSTRLEN] = "";
    getsockname(fd, (struct sockaddr *)&bound, &len);
    bool four = bound.ss_family == AF_INET;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&bound;
    const void *raw = four ? (const void *)&((const struct sockaddr_in *)&bound)->sin_addr
                           : (const void *)&six->sin6_addr;
    inet_ntop(bound.ss_family, raw, host, sizeof(host));
    snprintf(text, size, four ? "%s:%u" : "[%s]:%u", host, port_of(&bound));
    return port_of(&bound);
}

/* A name that stands for several addresses has one port on all of them, also if it was to be any. */
static int open_all(struct listener *l, struct addrinfo *all, struct error *err)
{
    uint16_t port = 0;
    unsigned count = 0;
    int why = 0;
    for (struct addrinfo *at = all; at; at = at->ai_next) {
        char text[INET6_ADDRSTRLEN + 16];
        if (port)
            set_port(at, port);
        int fd = listen_on(at);
        if (fd < 0) {
            why = errno;
            /* IPv6 may be switched off where the name has an address for it. */
            if (why == EADDRNOTAVAIL || why == EAFNOSUPPORT)
                continue;
            break;
        }
        port = describe(fd, text, sizeof(text));
        struct door_spec spec = {
            .fd = fd, .text = text, .loopback = is_loopback(at->ai_addr), .port = port};
        int rc = door_add(l, &spec, err);
        if (rc)
            return rc;
        count++;
        why = 0;
    }
    return count && !why ? ST_OK : error_set(err, ST_UNAVAILABLE, "%s", strerror(why));
}

int listener_add_tcp(struct listener *l, struct str address, struct error *err)
{
    struct host_port parts;
    struct addrinfo *all, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (!split(address, &parts))
        return error_set(err, ST_INVALID,
                         "cannot listen on \"%.*s\": expected HOST:PORT or [IPv6]:PORT, e.g. "
                         "127.0.0.1:8080",
                         STR_ARG(address));
    int failed = getaddrinfo(parts.host, parts.port, &hints, &all);
    if (failed)
        return error_set(err, ST_UNAVAILABLE, "cannot listen on \"%.*s\": %s", STR_ARG(address),
                         failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
    int rc = open_all(l, all, err);
    freeaddrinfo(all);
    return rc ? error_prefix(err, "cannot listen on \"%.*s\": ", STR_ARG(address)) : ST_OK;
}
