#include "core/session/recording_events.h"

#include "core/session/digest.h"

void recording_write_call(const struct recording *r, struct buffer *out)
{
    static const char *const actions[] = {"call", "read", "render", "complete", "selfTest"};
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("target"), r->request.target);
    json_put_string(&w, STR("action"), str_from(actions[r->request.action]));
    if (json_exists(r->request.arguments))
        json_put_raw(&w, STR("arguments"), json_text(r->request.arguments));
    if (r->request.resume)
        json_put_bool(&w, STR("resumed"), true);
    json_end_object(&w);
}

static const char *end_word(const struct recording *r)
{
    switch (r->end) {
    case CALL_RESULT:
        return "completed";
    case CALL_CANCELLED:
        return "cancelled";
    case CALL_INPUT_REQUIRED:
        return "inputRequired";
    default:
        return "failed";
    }
}

static void put_digest(struct recording *r, struct json_writer *w)
{
    char text[DIGEST_TEXT];
    if (digest_text(r->recorder->sessions->parts.crypto, (struct str){r->result, r->result_len},
                    text))
        json_put_string(w, STR("digest"), (struct str){text, sizeof(text)});
}

static void put_result(struct recording *r, struct json_writer *w)
{
    if (!r->result_len)
        return;
    if (r->keep.ref[0]) {
        json_put_string(w, STR("resultRef"), str_from(r->keep.ref));
        json_put_i64(w, STR("bytes"), (int64_t)r->result_len);
        if (r->keep.redacted)
            json_put_bool(w, STR("redacted"), true);
    } else if (r->result_len > RECORDER_RESULT_MAX) {
        json_put_i64(w, STR("omitted"), (int64_t)r->result_len);
    } else {
        json_put_raw(w, STR("result"), (struct str){r->result, r->result_len});
    }
    put_digest(r, w);
}

void recording_write_return(struct recording *r, struct buffer *out)
{
    const struct clock_port *clock = r->recorder->sessions->parts.clock;
    struct json_writer w = json_writer(out);
    uint64_t ns = r->began_ns ? clock->monotonic_ns(clock->ctx) - r->began_ns : 0;
    json_begin_object(&w);
    json_put_string(&w, STR("callId"), str_from(r->call_id));
    json_put_string(&w, STR("end"), str_from(end_word(r)));
    json_put_i64(&w, STR("ms"), (int64_t)(ns / 1000000u));
    if (r->has_error) {
        json_key(&w, STR("error"));
        json_begin_object(&w);
        json_put_string(&w, STR("code"), str_from(error_code_name(r->error.code)));
        json_put_string(&w, STR("message"), str_from(r->error.text));
        json_end_object(&w);
    }
    put_result(r, &w);
    json_end_object(&w);
}
