/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/curl_connection.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static curl_socket_t give_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct curl_connection *c = arg;
    int fd = c->fd;
    (void)purpose;
    (void)address;
    c->fd = -1;
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int is_connected(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)arg;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* A host that is an address has no name to look up. */
static bool name_address(struct curl_connection *c, const char *host, uint32_t port, const char *address)
{
    char text[400];
    if (strchr(host, ':'))
        return true;
    snprintf(text, sizeof(text), strchr(address, ':') ? "%s:%u:[%s]" : "%s:%u:%s", host, port, address);
    c->names = curl_slist_append(NULL, text);
    return c->names != NULL;
}

bool curl_connection_begin(struct curl_connection *c, CURL *curl, const char *host, uint32_t port,
                           const struct reached *to)
{
    *c = (struct curl_connection){.fd = to->fd};
    if (!name_address(c, host, port, to->address))
        return false;
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, c->names);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, give_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, c);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, is_connected);
    return true;
}

void curl_connection_end(struct curl_connection *c)
{
    curl_slist_free_all(c->names);
    if (c->fd >= 0)
        close(c->fd);
    *c = (struct curl_connection){.fd = -1};
}
