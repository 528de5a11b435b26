#include "adapters/driving/mcp/input/input_write.h"

#include "adapters/driving/mcp/input/form_write.h"
#include "adapters/driving/mcp/input/sampling_write.h"

static void write_message(struct json_writer *w, struct str mode, struct json params,
                          enum revision revision)
{
    if (revision_has(revision, FEATURE_ELICITATION_MODE))
        json_put_string(w, STR("mode"), mode);
    json_put_raw(w, STR("message"), json_text(json_get(params, STR("message"))));
}

static void write_form(struct json_writer *w, struct json params, enum revision revision)
{
    write_message(w, STR("form"), params, revision);
    json_key(w, STR("requestedSchema"));
    form_write(w, json_get(params, STR("requestedSchema")), revision);
}

static void write_url(struct json_writer *w, struct json params, enum revision revision,
                      struct str elicitation_id)
{
    write_message(w, STR("url"), params, revision);
    json_put_raw(w, STR("url"), json_text(json_get(params, STR("url"))));
    if (revision_has_elicitation_id(revision))
        json_put_string(w, STR("elicitationId"), elicitation_id);
}

void input_write_params(struct json_writer *w, struct json request,
                        const struct input_target *target, const struct input_extra *extra)
{
    struct json params = json_get(request, STR("params"));
    json_begin_object(w);
    switch (input_kind(request)) {
    case INPUT_FORM:
        write_form(w, params, target->revision);
        break;
    case INPUT_URL:
        write_url(w, params, target->revision, extra->elicitation_id);
        break;
    case INPUT_SAMPLING:
        sampling_write(w, params, target->revision, target->abilities);
        break;
    default:
        break;
    }
    if (extra->meta.len)
        json_put_raw(w, STR("_meta"), extra->meta);
    json_end_object(w);
}

static void write_request(struct json_writer *w, struct json request,
                          const struct input_target *target)
{
    const struct input_extra none = {STR(""), STR("")};
    enum input_kind kind = input_kind(request);
    json_begin_object(w);
    json_put_string(w, STR("method"), input_method(kind));
    if (kind != INPUT_ROOTS) {
        json_key(w, STR("params"));
        input_write_params(w, request, target, &none);
    }
    json_end_object(w);
}

void input_write_all(struct json_writer *w, struct json requests,
                     const struct input_target *target)
{
    struct str capabilities;
    struct error err;
    struct json_iter it = json_iter(requests);
    json_begin_object(w);
    while (json_next(&it)) {
        if (input_need(it.value, target, &capabilities, &err))
            continue;
        json_key_raw(w, it.key);
        write_request(w, it.value, target);
    }
    json_end_object(w);
}
