/* A request as the plugin asked for it, checked. */
#pragma once

#include "adapters/driven/http_client/http_module.h"
#include "adapters/driven/http_client/computed.h"
#include "core/base/arena.h"
#include "core/json/json.h"

#define URL_BYTES_MAX 8192u
#define FIELDS_MAX 100u
#define FIELD_BYTES_MAX ((size_t)64 * 1024)

struct outgoing {
    struct arena arena;
    const char *url, *method; /* in it */
    struct http_field *fields;
    struct computed *computed; /* of each field: what is put behind its value */
    size_t field_count;
    bool streams, unpacks;
    unsigned max_redirects;
    uint64_t timeout_ms, connect_ms, max_bytes;
};

/* Reads and checks the JSON text. ST_INVALID says what is wrong. Clear it in any case. */
int outgoing_read(struct str text, bool traces, const char *version, struct outgoing *out,
                  struct error *err);
void outgoing_clear(struct outgoing *out);
