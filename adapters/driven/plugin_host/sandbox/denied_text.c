#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "adapters/driven/plugin_host/sandbox/filter.h"
#include "adapters/driven/plugin_host/sandbox/sandbox.h"

static const char *socket_words(uint64_t family)
{
    switch (family) {
    case AF_UNIX:
        return "tried to open a local socket";
    case AF_INET:
    case AF_INET6:
        return "tried to open a network socket";
    case AF_NETLINK:
        return "tried to open a socket to the kernel";
    default:
        return "tried to open a socket";
    }
}

static const char *words_of(const struct sandbox_denied *denied)
{
    if (denied->magic != SANDBOX_DENIED_MAGIC)
        return NULL;
    if (denied->number == SYS_socket)
        return socket_words(denied->arguments[0]);
    for (size_t i = 0; i < filter_word_count; i++)
        if (filter_word_list[i].number == denied->number)
            return filter_word_list[i].words;
    return NULL;
}

void sandbox_denied_text(const struct sandbox_denied *denied, char *text, size_t size)
{
    const char *words = words_of(denied);
    snprintf(text, size, "%s",
             words ? words : "sent a record of a refused call that cannot be read");
}
