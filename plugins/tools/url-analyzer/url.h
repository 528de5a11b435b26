/*
 * url.h - a URL as browsers read it (WHATWG URL Standard).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "host.h"
#include "kit/bytes.h"

/* Things that the standard repairs or bears, and a strict reader would not. */
enum url_note {
    NOTE_TRIMMED = 1 << 0,     /* spaces or control characters around it                           */
    NOTE_BREAKS = 1 << 1,      /* tabs or line breaks in it, which are dropped                     */
    NOTE_BACKSLASH = 1 << 2,   /* "\" that counts as "/"                                           */
    NOTE_SLASHES = 1 << 3,     /* more or fewer than two slashes behind the scheme                 */
    NOTE_ENCODED = 1 << 4,     /* characters that it percent-encodes                               */
    NOTE_DOTS = 1 << 5,        /* "." or ".." in the path, also as %2e                             */
    NOTE_AT = 1 << 6,          /* several "@" before the host                                      */
    NOTE_PERCENT = 1 << 7,     /* a "%" that no two hexadecimal digits follow                      */
    NOTE_DEFAULT_PORT = 1 << 8 /* the port of the scheme, which it drops                           */
};

/* Texts are ended by NUL; NULL where the URL has no such part. url_free() is due also after an error. */
struct url {
    bool special; /* http, https, ws, wss, ftp, file */
    struct bytes scheme, username, password, host_text, path, query, fragment;
    bool has_host, has_password, has_username, has_query, has_fragment;
    bool opaque; /* the path is no hierarchy: mailto:a@b */
    struct host host;
    int port; /* -1: none, or that of the scheme */
    unsigned notes;
};

/* NULL, or why it is no URL: a sentence. */
const char *url_parse(hexmcp_str text, struct url *url);
void url_free(struct url *url);

/* The whole of it in normal form; false if memory is short. */
bool url_write(const struct url *url, struct bytes *out);

/* The port of a special scheme, or -1. */
int url_default_port(const char *scheme);
