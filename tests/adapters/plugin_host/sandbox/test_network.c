/* Connections that a plugin without a grant must not make. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

static int tcp(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_INET, SOCK_STREAM, 0));
}

static int tcp_6(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_INET6, SOCK_STREAM, 0));
}

static int udp(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_INET, SOCK_DGRAM, 0));
}

static int local(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int netlink(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

/* A crypto socket of the kernel; or what else has a number. */
static int other_family(const struct stage *stage)
{
    (void)stage;
    return TRY(socket(AF_ALG, SOCK_SEQPACKET, 0));
}

static int connect_loose(const struct stage *stage)
{
    return TRY(connect(stage->loose, (const struct sockaddr *)&stage->address,
                       sizeof(stage->address)));
}

static int send_with_address(const struct stage *stage)
{
    return TRY(sendto(stage->loose, "x", 1, MSG_FASTOPEN, (const struct sockaddr *)&stage->address,
                      sizeof(stage->address)));
}

static struct msghdr message_to(const struct stage *stage, struct iovec *part)
{
    *part = (struct iovec){(void *)(uintptr_t)"x", 1};
    return (struct msghdr){.msg_name = (void *)(uintptr_t)&stage->address,
                           .msg_namelen = sizeof(stage->address),
                           .msg_iov = part,
                           .msg_iovlen = 1};
}

/* This connects, and its address lies where no filter sees it. */
static int connect_by_sending(const struct stage *stage)
{
    struct iovec part;
    struct msghdr message = message_to(stage, &part);
    return TRY(sendmsg(stage->loose, &message, MSG_FASTOPEN));
}

static int connect_by_sending_many(const struct stage *stage)
{
    struct iovec part;
    struct mmsghdr message = {.msg_hdr = message_to(stage, &part)};
    return TRY(sendmmsg(stage->loose, &message, 1, MSG_FASTOPEN));
}

static int bind_loose(const struct stage *stage)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return TRY(bind(stage->loose, (struct sockaddr *)&any, sizeof(any)));
}

/* TCP takes a free port if it has none. */
static int listen_on_loose(const struct stage *stage)
{
    return TRY(listen(stage->loose, 1));
}

static int accept_on_loose(const struct stage *stage)
{
    return TRY(accept(stage->loose, NULL, NULL));
}

static int bind_abstract(const struct stage *stage)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = strrchr(stage->root, '/') + 1;
    strncpy(address.sun_path + 1, name, sizeof(address.sun_path) - 2);
    return TRY(bind(stage->loose_unix, (struct sockaddr *)&address, sizeof(address)));
}

static int bind_local(const struct stage *stage)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(stage->writable) + 3 < sizeof(address.sun_path));
    strcat(strcpy(address.sun_path, stage->writable), "/s");
    return TRY(bind(stage->loose_unix, (struct sockaddr *)&address, sizeof(address)));
}

/* A pair of datagram sockets could address any local one. */
static int datagram_pair(const struct stage *stage)
{
    int pair[2];
    (void)stage;
    return TRY(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
}

static int set_other_option(const struct stage *stage)
{
    int on = 1;
    return TRY(setsockopt(stage->loose, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
}

#define NETWORK "tried to open a network socket"
#define CONNECT "tried to connect a socket"
#define ADDRESS "tried to give a socket an address"

static const struct attack attacks[] = {
    {"a TCP socket", tcp, EPERM, NETWORK, 0, 0},
    {"a TCP socket of version 6", tcp_6, EPERM, NETWORK, CONTROL_DIFFERS, 0},
    {"a UDP socket", udp, EPERM, NETWORK, 0, 0},
    {"a local socket", local, EPERM, "tried to open a local socket", 0, 0},
    {"a netlink socket", netlink, EPERM, "tried to open a socket to the kernel", 0, 0},
    {"another kind of socket", other_family, EPERM, "tried to open a socket", CONTROL_DIFFERS, 0},
    {"connecting a socket that was handed over", connect_loose, EPERM, CONNECT, 0, 0},
    {"sending to an address", send_with_address, EPERM, "tried to send to an address of its choice",
     CONTROL_DIFFERS, 0},
    {"connecting by sendmsg", connect_by_sending, EPERM, CONNECT, CONTROL_DIFFERS, 0},
    {"connecting by sendmmsg", connect_by_sending_many, EPERM, CONNECT, CONTROL_DIFFERS, 0},
    {"binding a socket that was handed over", bind_loose, EPERM, ADDRESS, 0, 0},
    {"listening", listen_on_loose, EPERM, "tried to accept connections", 0, 0},
    {"accepting", accept_on_loose, EPERM, "tried to accept connections", EINVAL, 0},
    {"binding an abstract socket", bind_abstract, EPERM, ADDRESS, 0, 0},
    {"binding a local socket", bind_local, EPERM, ADDRESS, 0, 0},
    {"a pair of datagram sockets", datagram_pair, EPERM, NULL, 0, 0},
    {"an option of sockets that it needs not", set_other_option, EPERM, NULL, 0, 0},
};

int main(void)
{
    return stage_attacks("network", attacks, sizeof(attacks) / sizeof(attacks[0]));
}
