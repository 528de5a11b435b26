/*
 * Artifacts as tools and resources. All is done by operations of the platform (hexmcp.operations/1),
 * which run as the one who made the call.
 */
#include "artifacts.h"

static void asked_free(struct asked *asked)
{
    free(asked->bytes);
    free(asked->text);
    free(asked);
}

static void piece(void *arg, hexmcp_str json, hexmcp_str bytes)
{
    struct asked *asked = (struct asked *)arg;
    (void)json;
    if (asked->len + bytes.len > asked->cap) {
        size_t cap = 2 * (asked->len + bytes.len);
        char *more = (char *)realloc(asked->bytes, cap);
        if (!more) {
            asked->failed = 1;
            return;
        }
        asked->bytes = more;
        asked->cap = cap;
    }
    if (bytes.len)
        memcpy(asked->bytes + asked->len, bytes.ptr, bytes.len);
    asked->len += bytes.len;
}

static void replied(void *arg, int32_t status, hexmcp_str json)
{
    answer((struct asked *)arg, status, json);
    asked_free((struct asked *)arg);
}

static struct asked *asked_new(const hexmcp_round *r, enum shape shape, hexmcp_str text, int ranged)
{
    struct asked *asked = (struct asked *)calloc(1, sizeof(*asked));
    if (!asked)
        return NULL;
    asked->host = r->host;
    asked->call = r->call;
    asked->shape = shape;
    asked->ranged = ranged;
    asked->text = (char *)malloc(text.len + 1);
    if (!asked->text) {
        free(asked);
        return NULL;
    }
    if (text.len)
        memcpy(asked->text, text.ptr, text.len);
    asked->text[text.len] = '\0';
    asked->text_len = text.len;
    return asked;
}

int32_t execute(const hexmcp_round *r, enum shape shape, const char *operation, hexmcp_str arguments,
                hexmcp_str bytes, hexmcp_str text, int ranged)
{
    const struct artifacts *self = (const struct artifacts *)r->self;
    struct asked *asked = asked_new(r, shape, text, ranged);
    int32_t status = HEXMCP_E_UNAVAILABLE;
    if (!asked)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    if (self->operations)
        status = self->operations->execute(self->operations->ctx, r->call,
                                           hexmcp_str_from(operation), arguments, bytes, piece,
                                           replied, asked, NULL);
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    asked_free(asked);
    return hexmcp_fail(r->err, status,
                       self->operations ? "the host did not take %s; try again"
                                        : "the host does not let this plugin execute %s; the setting "
                                          "grants.operations does",
                       operation);
}

int32_t suggest(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed)
{
    if (!hexmcp_str_equals(argument, "id"))
        return hexmcp_round_suggest(r, NULL, 0, typed);
    return execute(r, COMPLETION, "artifact.list", hexmcp_str_from("{\"limit\":200}"),
                   hexmcp_str_from(""), typed, 0);
}

static int32_t init(void *arg, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    struct artifacts *self = (struct artifacts *)arg;
    (void)config;
    (void)err;
    self->operations =
        (const hexmcp_operations_1 *)host->get_interface(host->ctx, HEXMCP_OPERATIONS_1);
    return HEXMCP_OK;
}

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct artifacts),
    .init = init,
    .tools = tools,
    .resources = resources,
    .suggest_for_template = suggest,
};

HEXMCP_SIMPLE_PLUGIN("hexmcp.artifacts", "0.1.0", plugin);
