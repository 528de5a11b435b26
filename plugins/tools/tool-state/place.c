/*
 * SPDX-License-Identifier: MIT
 */
#include "place.h"

#include "hexmcp/await.h"
#include "hexmcp/ext/draft/operations.h"

static const char *const scopes[] = {"tool", "session", NULL};

const char *place_scope(const struct place *place)
{
    return scopes[place->scope];
}

int32_t place_read(struct args *args, struct place *place)
{
    const char *session = args_text(args, "session_id", 128, NULL);
    const char *name = args_text(args, "namespace", 64, NULL);
    place->scope = (enum scope)args_choice(args, "scope", scopes, SCOPE_TOOL);
    place->id = place->scope == SCOPE_TOOL ? (name ? name : "default") : session;
    if (place->scope == SCOPE_SESSION && (!session || !*session))
        args_fail(args, HEXMCP_E_INVALID, "session_id is missing; scope session needs it");
    if (place->scope == SCOPE_SESSION && name)
        args_fail(args, HEXMCP_E_INVALID, "namespace is for scope tool; leave it out");
    if (place->scope == SCOPE_TOOL && session)
        args_fail(args, HEXMCP_E_INVALID, "session_id is for scope session; give that, or leave it out");
    if (place->id && !*place->id)
        args_fail(args, HEXMCP_E_INVALID, "namespace is empty; give a name, or leave it out");
    return args_status(args);
}

void told_free(struct told *told)
{
    free(told->json);
    *told = (struct told){NULL, 0};
}

void place_begin(const struct place *place, hexmcp_json_writer *w)
{
    hexmcp_json_writer_init(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "scope", place->scope == SCOPE_TOOL ? "component" : "session");
    if (place->scope == SCOPE_TOOL)
        hexmcp_json_put_text(w, "kind", "tool");
    hexmcp_json_put_text(w, "id", place->id);
}

static int32_t fail(const hexmcp_round *r, int32_t status, const struct told *told)
{
    char text[400] = "the store does not answer; try again";
    hexmcp_str value;
    if (told->json && hexmcp_json_get(told_str(told), "message", &value) == HEXMCP_OK)
        hexmcp_json_string(value, text, sizeof(text), NULL);
    return hexmcp_fail(r->err, status, "%s", text);
}

int32_t place_ask(const hexmcp_round *r, const char *operation, hexmcp_json_writer *w, struct told *told)
{
    const hexmcp_operations_1 *operations = hexmcp_round_service(r, HEXMCP_OPERATIONS_1);
    hexmcp_await *wait = operations ? hexmcp_await_new(r->host) : NULL;
    uint64_t most = r->calls ? r->calls->remaining_ms(r->calls->ctx, r->call) : 30000;
    *told = (struct told){NULL, 0};
    hexmcp_json_end_object(w);
    if (!wait) {
        hexmcp_json_writer_free(w);
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "this server grants the tool no state; the operator allows state.* with "
                           "\"grants.operations\"");
    }
    int32_t status = hexmcp_json_writer_status(w);
    if (status == HEXMCP_OK)
        status = operations->execute(operations->ctx, r->call, hexmcp_str_from(operation),
                                     hexmcp_json_writer_text(w), hexmcp_str_from(""), NULL,
                                     hexmcp_await_reply, wait, NULL);
    status = hexmcp_await_wait(wait, status, most, &told->json, &told->len);
    hexmcp_json_writer_free(w);
    if (status != HEXMCP_OK) {
        fail(r, status, told);
        told_free(told);
    }
    return status;
}
