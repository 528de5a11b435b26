/*
 * curl_connection.h - has libcurl use a connection that the host has made and checked.
 *
 * SPDX-License-Identifier: MIT
 *
 * libcurl is told the address in numbers, so that it asks no resolver, and is given the connected
 * descriptor in place of a socket. The name is for the certificate. Not a part of tool_kit, which does not
 * need libcurl: tools add curl_connection_sources to their own.
 */
#pragma once

#include "kit/reach.h"

#include <curl/curl.h>

struct curl_connection {
    int fd; /* -1 once libcurl has it */
    struct curl_slist *names;
};

/* Takes to->fd over, also if it fails: curl_connection_end() is due in either case, after
 * curl_easy_cleanup(). False without memory. There is no proxy, no .netrc and no second connection. */
bool curl_connection_begin(struct curl_connection *c, CURL *curl, const char *host, uint32_t port,
                           const struct reached *to);

void curl_connection_end(struct curl_connection *c);
