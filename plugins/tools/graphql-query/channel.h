/*
 * channel.h - a connection that the host has made and checked, with TLS if it is wanted.
 *
 * SPDX-License-Identifier: MIT
 *
 * The certificate is always verified.
 */
#pragma once

#include "kit/curl_connection.h"
#include "kit/pace.h"
#include "place.h"

struct channel {
    CURL *curl;
    int fd; /* to wait for; the connection's */
    struct curl_connection connection;
};

/* [worker] `ca_file` ("": the system's authorities) has the certificates that are trusted. At most
 * `timeout_ms` for name, connection and TLS together. channel_close() is due after HEXMCP_OK. */
int32_t channel_open(struct pace *pace, const struct place *place, const char *ca_file, uint32_t timeout_ms,
                     struct channel *out);
void channel_close(struct channel *channel);

/* How many bytes were read or written; 0: none now; -1: the connection is over. */
ssize_t channel_read(struct channel *channel, void *to, size_t room);
ssize_t channel_write(struct channel *channel, const void *from, size_t len);

/* Returns when there may be something to read, or to write if `writing`, or after `ms`. */
void channel_wait(const struct channel *channel, bool writing, int ms);
