/* A call as the body of WIRE_CALL. */
#pragma once

#include "adapters/driven/plugin_host/wire/codec.h"
#include "ports/driven/plugin_runtime.h"

/* Path grants that came with one call; more is refused. */
#define WIRE_GRANTS_MAX 4096u

/* Puts everything but `call`, `plugin` and `arguments`, which come last, as a text. */
void wire_put_call(struct buffer *body, const struct run_request *request);

/* What has been read points into the body. */
struct wire_call {
    struct run_request request;
    struct path_grants paths;
    struct path_grant *entries; /* from malloc */
};

/* `out->request` is whole but for `call`. ST_PROTOCOL, ST_NOMEM. */
int wire_get_call(struct str body, struct wire_call *out, struct error *err);
