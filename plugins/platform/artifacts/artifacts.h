/* Inside of the plugin: calls become operations of the platform. */
#pragma once

#include "hexmcp/all.h"
#include "hexmcp/simple.h"

/* The most bytes that one answer holds; more is read in ranges. */
#define READ_MAX 1048576

struct artifacts {
    const hexmcp_operations_1 *operations;
};

enum shape { TOOL_ANSWER, TOOL_BYTES, RESOURCE_LIST, RESOURCE_BYTES, COMPLETION };

/* What is needed when the operation has ended. */
struct asked {
    const hexmcp_host *host;
    hexmcp_call call;
    enum shape shape;
    int ranged;       /* a part was asked for: no more than that is expected */
    char *bytes;      /* of pieces */
    size_t len, cap;
    int failed;       /* out of memory for them */
    char *text;       /* the URI, or what was typed */
    size_t text_len;
};

/* Executes the operation for the call; `text` is the URI of a resource, or what was typed. */
int32_t execute(const hexmcp_round *r, enum shape shape, const char *operation, hexmcp_str arguments,
                hexmcp_str bytes, hexmcp_str text, int ranged);

/* Answers the call (answer.c). */
void answer(struct asked *asked, int32_t status, hexmcp_str json);

/* Suggests ids. */
int32_t suggest(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed);

/* Base64, to be freed; NULL without memory or (decode) if it is none. */
char *base64_encode(const char *bytes, size_t len, size_t *ret_len);
char *base64_decode(const char *text, size_t len, size_t *ret_len);

/* True if the bytes can be given as text of that type (JSON string). */
int is_text(hexmcp_str mime, const char *bytes, size_t len);

extern const hexmcp_simple_item tools[];
extern const hexmcp_simple_item resources[];
