/* The tools `publish` and `withdraw`: items that come and go by hexmcp.catalog/1. What is published
 * is named extra-NAME or everything://extra-NAME, and answered by tools.c, templates.c and
 * prompts.c. */
#include "everything.h"

/* A call that waits for the host's reply. */
struct waiting {
    const hexmcp_host *host;
    hexmcp_call call;
    const char *done; /* what to answer if it went well */
};

static const char *const kinds[] = {
    [HEXMCP_KIND_TOOL] = "tool",
    [HEXMCP_KIND_RESOURCE] = "resource",
    [HEXMCP_KIND_TEMPLATE] = "template",
    [HEXMCP_KIND_PROMPT] = "prompt",
};

/* Reads `kind` and `name`. */
static int32_t read_item(const hexmcp_round *r, uint32_t *ret_kind, char name[33])
{
    hexmcp_str kind = {"", 0};
    hexmcp_json_get(r->args, "kind", &kind);
    for (uint32_t i = HEXMCP_KIND_TOOL; i <= HEXMCP_KIND_PROMPT; i++)
        if (hexmcp_json_equals(kind, kinds[i])) {
            *ret_kind = i;
            return hexmcp_round_get_text(r, "name", name, 33);
        }
    return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                       "`kind` must be tool, resource, template or prompt");
}

/* What the plugin calls the item, and what catalog/1 withdraws. */
static void write_id(char id[80], uint32_t kind, const char *name)
{
    int is_uri = kind == HEXMCP_KIND_RESOURCE || kind == HEXMCP_KIND_TEMPLATE;
    snprintf(id, 80, "%sextra-%s%s", is_uri ? "everything://" : "", name,
             kind == HEXMCP_KIND_TEMPLATE ? "/{item}" : "");
}

/* The object as it would stand in the manifest. */
static void write_definition(hexmcp_json_writer *w, uint32_t kind, const char *id, const char *name)
{
    hexmcp_json_begin_object(w);
    if (kind == HEXMCP_KIND_RESOURCE || kind == HEXMCP_KIND_TEMPLATE) {
        hexmcp_json_put_text(w, kind == HEXMCP_KIND_RESOURCE ? "uri" : "uriTemplate", id);
        hexmcp_json_put_text(w, "name", name);
        hexmcp_json_put_text(w, "mimeType", "text/plain");
    } else {
        hexmcp_json_put_text(w, "name", id);
    }
    hexmcp_json_put_text(w, "description", "Came while the server ran.");
    if (kind == HEXMCP_KIND_TOOL) {
        hexmcp_json_put_raw(w, "inputSchema",
                            hexmcp_str_from("{\"type\":\"object\",\"additionalProperties\":false}"));
        hexmcp_json_put_raw(w, "run", hexmcp_str_from("{\"mode\":\"inline\"}"));
    }
    hexmcp_json_end_object(w);
}

/* [loop] The hexmcp_reply_fn: ends the call with what the catalogue said. */
static void replied(void *arg, int32_t status, hexmcp_str json)
{
    struct waiting *waiting = (struct waiting *)arg;
    hexmcp_str value;
    char message[400] = "the catalogue gave no reason; see the log of the server";
    if (status == HEXMCP_OK) {
        hexmcp_complete_text(waiting->host, waiting->call, HEXMCP_RESULT,
                             hexmcp_str_from(waiting->done));
    } else {
        if (hexmcp_json_get(json, "message", &value) == HEXMCP_OK)
            hexmcp_json_string(value, message, sizeof(message), NULL);
        hexmcp_complete_fail(waiting->host, waiting->call, status, message);
    }
    free(waiting);
}

static struct waiting *waiting_new(const hexmcp_round *r, const char *done)
{
    struct waiting *waiting = (struct waiting *)calloc(1, sizeof(*waiting));
    if (!waiting)
        return NULL;
    waiting->host = r->host;
    waiting->call = r->call;
    waiting->done = done;
    return waiting;
}

/* Asked: the reply ends the call. Not asked: the call ends here. */
static int32_t pending(const hexmcp_round *r, struct waiting *waiting, int32_t status)
{
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    free(waiting);
    return hexmcp_fail(r->err, status, "the catalogue took nothing; try again later");
}

static int32_t publish(const hexmcp_round *r, uint32_t kind, hexmcp_str definition)
{
    const hexmcp_catalog_1 *catalog = self_of(r)->catalog;
    struct waiting *waiting = waiting_new(r, "published");
    hexmcp_json_writer options;
    hexmcp_str callers;
    int32_t status;
    if (!waiting)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    hexmcp_json_writer_init(&options);
    hexmcp_json_begin_object(&options);
    if (hexmcp_json_get(r->args, "callers", &callers) == HEXMCP_OK)
        hexmcp_json_put_raw(&options, "callers", callers); /* shown to these alone */
    hexmcp_json_end_object(&options);
    status = catalog->publish(catalog->ctx, kind, definition, hexmcp_json_writer_text(&options),
                              replied, waiting);
    hexmcp_json_writer_free(&options);
    return pending(r, waiting, status);
}

int32_t tool_publish(const hexmcp_round *r)
{
    uint32_t kind;
    char name[33], id[80];
    hexmcp_json_writer w;
    int32_t status = read_item(r, &kind, name);
    if (status != HEXMCP_OK)
        return status;
    if (!self_of(r)->catalog)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED, "this host has no %s", HEXMCP_CATALOG_1);
    write_id(id, kind, name);
    hexmcp_json_writer_init(&w);
    write_definition(&w, kind, id, name);
    status = publish(r, kind, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return status;
}

int32_t tool_withdraw(const hexmcp_round *r)
{
    const hexmcp_catalog_1 *catalog = self_of(r)->catalog;
    uint32_t kind;
    char name[33], id[80];
    struct waiting *waiting;
    int32_t status = read_item(r, &kind, name);
    if (status != HEXMCP_OK)
        return status;
    if (!catalog)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED, "this host has no %s", HEXMCP_CATALOG_1);
    write_id(id, kind, name);
    waiting = waiting_new(r, "withdrawn");
    if (!waiting)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    status = catalog->withdraw(catalog->ctx, kind, hexmcp_str_from(id), replied, waiting);
    return pending(r, waiting, status);
}
