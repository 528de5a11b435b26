/* Inside of websocket: the head of an HTTP request, read strictly. Pure. */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

/* Longest head. */
#define UPGRADE_REQUEST_MAX ((size_t)16 * 1024)

/* Lines that a header that is a list may have. */
#define UPGRADE_LIST_LINES 4

struct upgrade_list {
    struct str lines[UPGRADE_LIST_LINES];
    size_t count;
};

/* Slices of the head. A header that was not there has a NULL `ptr`. */
struct upgrade_request {
    struct str method;
    struct str path; /* without the query */
    struct str host;
    struct str origin;
    struct str authorization;
    struct str key;
    struct str version;
    struct upgrade_list upgrade;
    struct upgrade_list connection;
    struct upgrade_list protocols;
    struct upgrade_list extensions;
};

/* Bytes of the head with the empty line that ends it; 0 if it has not come whole. `seen` bytes were
 * looked at before. */
size_t upgrade_request_length(struct str bytes, size_t seen);

/* `head` is whole. ST_PROTOCOL: it is no HTTP/1.1 request, has a body, or says something twice that
 * can be said once. */
int upgrade_request_read(struct str head, struct upgrade_request *out, struct error *err);

/* The next element of the list, without space around it; false at the end. Start with *line = 0 and
 * an empty *rest. */
bool upgrade_list_next(const struct upgrade_list *list, size_t *line, struct str *rest,
                       struct str *element);

/* True if `word` is an element, letters compared without regard to case. */
bool upgrade_list_has(const struct upgrade_list *list, struct str word);

bool upgrade_equal(struct str a, struct str b);

struct str upgrade_trimmed(struct str text);
