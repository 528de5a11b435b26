#include "core/session/artifact_call.h"

#include "core/base/str.h"

bool session_artifact_of(const struct session_event *event, struct str *id)
{
    struct json member = json_get(event->data, STR("resultRef"));
    if (str_eq(event->type, STR("ArtifactAttached")))
        member = json_get(event->data, STR("artifact"));
    return json_plain(member, id) && id->len == ARTIFACT_ID_LENGTH;
}

static void piece(void *arg, struct str json, struct str bytes)
{
    struct artifact_call *call = arg;
    (void)json;
    if (call->piece)
        call->piece(call, bytes);
    else
        buffer_add_str(&call->bytes, bytes);
}

static void done(void *arg, const struct error *err, struct str json)
{
    struct artifact_call *call = arg;
    struct json_doc *doc = NULL;
    struct error failed;
    call->id = 0;
    if (!err && buffer_failed(&call->bytes)) {
        no_memory(&failed);
        err = &failed;
    } else if (!err && json_parse(json, &doc, &failed)) {
        err = &failed;
    }
    call->done(call, err, doc ? json_root(doc) : json_none());
    json_free(doc);
}

void artifact_call_begin(struct artifact_call *call, const struct call_context *context,
                         const char *operation, struct str arguments, struct str bytes)
{
    const struct operation_service *service = call->sessions->parts.artifacts;
    const struct operation_request request = {.name = str_from(operation),
                                              .arguments = arguments,
                                              .bytes = bytes,
                                              .context = context};
    const struct operation_observer observer = {call, piece, done};
    uint64_t id = 0;
    buffer_clear(&call->bytes);
    service->execute(service->ctx, &request, &observer, &id);
    if (id) /* else it has ended, and the call may be gone */
        call->id = id;
}

static void begin_for(struct artifact_call *call, const struct call_context *context,
                      const char *operation, struct str stream, struct str id)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    json_begin_object(&w);
    if (id.len)
        json_put_string(&w, STR("id"), id);
    json_put_string(&w, STR("owner"), stream);
    json_end_object(&w);
    artifact_call_begin(call, context, operation, buffer_str(&arguments), (struct str){NULL, 0});
    buffer_clear(&arguments);
}

void artifact_hold_begin(struct artifact_call *call, const struct call_context *context,
                         struct str stream, struct str id)
{
    begin_for(call, context, "artifact.hold", stream, id);
}

void artifact_release_begin(struct artifact_call *call, const struct call_context *context,
                            struct str stream)
{
    begin_for(call, context, "artifact.release", stream, (struct str){NULL, 0});
}

void artifact_call_drop(struct artifact_call *call)
{
    if (call->id)
        call->sessions->parts.artifacts->cancel(call->sessions->parts.artifacts->ctx, call->id);
    call->id = 0;
    buffer_clear(&call->bytes);
}
