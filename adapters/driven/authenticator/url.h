/* URLs of servers that are trusted to say who somebody is. */
#pragma once

#include "core/base/str.h"

struct url {
    struct str origin;    /* "https://host:8443" */
    struct str path;      /* with its slash; may be empty */
    bool has_query;
    bool loopback;        /* its host is this machine, by a name that nobody else can answer for */
};

/* True for https, and for http to loopback: visible ASCII, with a host in small letters, without user
 * and fragment. The parts are borrowed. */
bool url_parse(struct str text, struct url *out);
