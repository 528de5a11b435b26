#include "adapters/driving/mcp/cursor.h"

#include "adapters/driving/mcp/sealing.h"

/* A client that pages does so soon. */
#define CURSOR_TTL_MS ((uint64_t)24 * 60 * 60 * 1000)

static struct seal_binding bind(const struct caller *caller, struct str list)
{
    return (struct seal_binding){.purpose = STR("cursor"),
                                 .caller = caller->id,
                                 .tenant = caller->tenant,
                                 .target = list};
}

int cursor_write(const struct connection *c, struct str list, uint64_t last, struct buffer *out,
                 struct error *err)
{
    struct seal_binding binding = bind(&c->client->caller, list);
    struct buffer place = BUFFER_INIT;
    buffer_add_u64(&place, last);
    int rc = buffer_failed(&place)
                 ? error_set(err, ST_NOMEM, "out of memory")
                 : sealing_close(c->mcp, &binding, CURSOR_TTL_MS, buffer_str(&place), out, err);
    buffer_clear(&place);
    return rc;
}

int cursor_read(const struct connection *c, struct str list, struct str text, uint64_t *last,
                struct error *err)
{
    struct seal_binding binding = bind(&c->client->caller, list);
    struct buffer place = BUFFER_INIT;
    int rc = sealer_open(c->mcp->options.sealer, &binding, text, &place, NULL, err);
    *last = 0;
    for (size_t i = 0; !rc && i < place.len; i++)
        *last = *last * 10 + (uint64_t)(place.data[i] - '0');
    buffer_clear(&place);
    return rc;
}
