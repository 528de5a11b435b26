#include "core/session/keep_result.h"

#include <string.h>

bool keep_result_wants(const struct sessions *sessions, size_t len)
{
    return sessions->parts.artifacts && len > ARTIFACT_RESULT_MIN && len <= ARTIFACT_RESULT_MAX;
}

void keep_result_drop(struct keep_result *keep)
{
    artifact_call_drop(&keep->call);
}

static struct keep_result *of_call(struct artifact_call *call)
{
    return (struct keep_result *)((char *)call - offsetof(struct keep_result, call));
}

static void held(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct keep_result *keep = of_call(call);
    (void)answer;
    if (err)
        keep->ref[0] = '\0';
    keep->done(keep);
}

static void stored(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct keep_result *keep = of_call(call);
    struct str id = {NULL, 0};
    if (!err)
        json_plain(json_get(json_get(answer, STR("artifact")), STR("id")), &id);
    if (id.len != ARTIFACT_ID_LENGTH) {
        keep->done(keep);
        return;
    }
    memcpy(keep->ref, id.ptr, id.len);
    keep->ref[id.len] = '\0';
    call->done = held;
    artifact_hold_begin(call, keep->context, keep->stream, str_from(keep->ref));
}

static void put_facts(const struct keep_result *keep, struct str name, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("name"), name);
    json_put_string(&w, STR("mimeType"), STR("application/json"));
    json_put_string(&w, STR("kind"), STR("tool_result"));
    json_put_raw(&w, STR("tags"), STR("[\"recorded\"]"));
    json_put_string(&w, STR("session"), session_of_stream(keep->stream));
    json_end_object(&w);
}

/* Secrets stay out of artifacts as they do out of events. */
static bool clean(struct keep_result *keep, struct str result, struct buffer *out)
{
    const struct redactor *redactor = keep->call.sessions->parts.redactor;
    struct redact_report report = REDACT_REPORT_INIT;
    struct json_doc *doc = NULL;
    if (!redactor)
        return true;
    if (json_parse(result, &doc, NULL))
        return false;
    redact_json(redactor, json_root(doc), REDACT_RECORD, out, &report);
    keep->redacted = report.count > 0;
    json_free(doc);
    buffer_clear(&report.pointer);
    return !buffer_failed(out);
}

void keep_result_begin(struct keep_result *keep, struct str name, struct str result)
{
    struct buffer redacted = BUFFER_INIT, facts = BUFFER_INIT;
    keep->ref[0] = '\0';
    keep->call.done = stored;
    put_facts(keep, name, &facts);
    if (clean(keep, result, &redacted))
        artifact_call_begin(&keep->call, keep->context, "artifact.put", buffer_str(&facts),
                            keep->redacted ? buffer_str(&redacted) : result);
    else
        keep->done(keep);
    buffer_clear(&redacted);
    buffer_clear(&facts);
}
