/* Elicitations by URL that end outside of the protocol (2025-11-25 alone). */
#include "adapters/driving/mcp/elicitation.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/mcp/connection.h"

static int make_id(struct connection *c, char id[ELICITATION_ID_SIZE], struct error *err)
{
    const struct random_port *random = c->mcp->options.random;
    uint8_t bytes[16];
    int rc = random->fill(random->ctx, bytes, sizeof(bytes), err);
    for (size_t i = 0; !rc && i < sizeof(bytes); i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return rc;
}

static struct elicitation *find(struct connection *c, struct str id)
{
    for (size_t i = 0; c->elicitations && id.len && i < ELICITATIONS_KEPT; i++)
        if (str_eq(str_from(c->elicitations[i].id), id))
            return &c->elicitations[i];
    return NULL;
}

int elicitation_note(struct connection *c, struct json given, char id[ELICITATION_ID_SIZE],
                     struct error *err)
{
    struct str own;
    if (!c->elicitations)
        c->elicitations = calloc(ELICITATIONS_KEPT, sizeof(*c->elicitations));
    if (!c->elicitations)
        return error_set(err, ST_NOMEM, "out of memory");
    if (json_plain(given, &own) && own.len && own.len < ELICITATION_ID_SIZE) {
        snprintf(id, ELICITATION_ID_SIZE, "%.*s", STR_ARG(own));
    } else {
        int rc = make_id(c, id, err);
        if (rc)
            return rc;
    }
    if (!find(c, str_from(id)))
        snprintf(c->elicitations[c->elicitation_next++ % ELICITATIONS_KEPT].id,
                 ELICITATION_ID_SIZE, "%s", id);
    return ST_OK;
}

void elicitation_complete(struct connection *c, struct str id)
{
    struct elicitation *slot = find(c, id);
    if (!slot)
        return;
    struct json_writer w = notification_begin(c, STR("notifications/elicitation/complete"));
    json_begin_object(&w);
    json_put_string(&w, STR("elicitationId"), id);
    json_end_object(&w);
    notification_send(c, NULL);
    slot->id[0] = '\0';
}
