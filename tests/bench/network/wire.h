/* What a load generator says on a connection, and how it sees that an answer is complete. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *at;
    size_t len;
};

/* Reads a whole file. Ends the program if it cannot. */
struct bytes bytes_read(const char *path);

enum wire {
    WIRE_HTTP, /* the request is sent as it stands in the file                              */
    WIRE_WS,   /* a handshake first; the request is one text message                        */
};

/* What is sent once, before the first request; empty for HTTP. */
struct bytes wire_opening(enum wire wire, const char *host, const char *path);

/* What is sent for each request. */
struct bytes wire_request(enum wire wire, struct bytes content);

/* The length of the first complete answer in the text, 0 if it is not complete yet. `ok` tells if it
 * is a good one. Ends the program if it cannot become one. */
size_t wire_answer(enum wire wire, const char *text, size_t len, bool opening, bool *ok);
