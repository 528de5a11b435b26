#include "core/session/import_artifact.h"

#include <string.h>

#include "core/base/base64url.h"

/* ---- lines ---- */

static const char *check_digest(const struct import_artifact *a)
{
    uint8_t digest[BLAKE3_BYTES];
    char text[BLAKE3_TEXT_SIZE];
    blake3_final(&a->hash, digest);
    blake3_text(digest, text);
    return strcmp(text, a->id) == 0 ? NULL
                                    : "the bytes of the artifact are not those of its digest: the file "
                                      "is damaged or was changed";
}

bool import_artifact_open(const struct import_artifact *a)
{
    return a->have < a->size;
}

static void write_begin(struct import_artifact *a, struct json line)
{
    static const char *const members[] = {"name", "mimeType", "kind", "tags", "custom"};
    struct json_writer w = json_writer(&a->arguments);
    a->arguments.len = 0;
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct json value = json_get(line, str_from(members[i]));
        if (json_exists(value))
            json_put_raw(&w, str_from(members[i]), json_text(value));
    }
    json_put_string(&w, STR("session"), session_of_stream(a->stream));
    json_end_object(&w);
    a->operation = "artifact.begin";
}

static const char *take_begin(struct import_artifact *a, struct str id, struct json line)
{
    int64_t size = -1;
    if (!a->call.sessions->parts.artifacts)
        return "it is an artifact, and nothing here keeps artifacts";
    if (import_artifact_open(a))
        return "the artifact before it is cut";
    if (!blake3_parse(id, NULL))
        return "an id of an artifact is \"blake3:\" and 64 digits 0-9 a-f";
    if (!json_int64(json_get(line, STR("bytes")), &size) || size < 0)
        return "it does not say how long the artifact is";
    memcpy(a->id, id.ptr, id.len);
    a->id[id.len] = '\0';
    a->size = (uint64_t)size;
    a->have = 0;
    blake3_init(&a->hash);
    write_begin(a, line);
    return size ? NULL : check_digest(a);
}

static const char *take_data(struct import_artifact *a, struct str data)
{
    struct json_writer w = json_writer(&a->arguments);
    a->bytes.len = a->arguments.len = 0;
    if (!base64url_decode(data, &a->bytes) || a->bytes.len == 0)
        return "the bytes of the artifact are not written as base64url";
    if (a->bytes.len > a->size - a->have)
        return "more bytes than the artifact has";
    blake3_update(&a->hash, a->bytes.data, a->bytes.len);
    a->have += a->bytes.len;
    json_begin_object(&w);
    json_put_string(&w, STR("upload"), str_from(a->upload));
    json_end_object(&w);
    a->operation = "artifact.write";
    return import_artifact_open(a) ? NULL : check_digest(a);
}

const char *import_artifact_line(struct import_artifact *a, struct json line)
{
    struct str text;
    if (json_plain(json_get(line, STR("artifact")), &text))
        return take_begin(a, text, line);
    if (json_plain(json_get(line, STR("data")), &text))
        return take_data(a, text);
    return "it is no artifact, and no part of one";
}

/* ---- the store ---- */

static struct import_artifact *of_call(struct artifact_call *call)
{
    return (struct import_artifact *)((char *)call - offsetof(struct import_artifact, call));
}

static void finished(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct import_artifact *a = of_call(call);
    (void)answer;
    a->upload[0] = '\0';
    if (!err) {
        hold_all_add(&a->holds, str_from(a->id));
        a->count++;
    }
    a->done(a, err);
}

static void go_on(struct import_artifact *a)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    if (import_artifact_open(a)) {
        a->done(a, NULL);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("upload"), str_from(a->upload));
    json_end_object(&w);
    a->call.done = finished;
    artifact_call_begin(&a->call, a->context, "artifact.finish", buffer_str(&arguments),
                        (struct str){NULL, 0});
    buffer_clear(&arguments);
}

static void written(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct import_artifact *a = of_call(call);
    (void)answer;
    if (err)
        a->done(a, err);
    else
        go_on(a);
}

static void begun(struct artifact_call *call, const struct error *err, struct json answer)
{
    struct import_artifact *a = of_call(call);
    struct str upload = {"", 0};
    if (err) {
        a->done(a, err);
        return;
    }
    json_plain(json_get(answer, STR("upload")), &upload);
    size_t len = upload.len < sizeof(a->upload) ? upload.len : sizeof(a->upload) - 1;
    memcpy(a->upload, upload.ptr, len);
    a->upload[len] = '\0';
    go_on(a);
}

void import_artifact_store(struct import_artifact *a, const struct call_context *context,
                           void (*done)(struct import_artifact *artifact, const struct error *err))
{
    const char *operation = a->operation;
    bool begins = strcmp(operation, "artifact.begin") == 0;
    a->operation = NULL;
    a->begun = true;
    a->context = context;
    a->done = done;
    a->call.done = begins ? begun : written;
    artifact_call_begin(&a->call, context, operation, buffer_str(&a->arguments),
                        begins ? (struct str){NULL, 0} : buffer_str(&a->bytes));
}

/* ---- the end ---- */

static void ignore(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    (void)err;
    (void)json;
}

static void forget(const struct import_artifact *a, const struct caller *caller, const char *operation,
                   struct str member, struct str value)
{
    const struct operation_service *service = a->call.sessions->parts.artifacts;
    const struct operation_observer nobody = {.done = ignore};
    const struct call_context context = {.caller = caller};
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    json_begin_object(&w);
    json_put_string(&w, member, value);
    json_end_object(&w);
    const struct operation_request request = {.name = str_from(operation),
                                              .arguments = buffer_str(&arguments),
                                              .context = &context};
    service->execute(service->ctx, &request, &nobody, NULL);
    buffer_clear(&arguments);
}

void import_artifact_undo(struct import_artifact *a, const struct caller *caller)
{
    if (!a->begun)
        return;
    if (a->upload[0])
        forget(a, caller, "artifact.drop", STR("upload"), str_from(a->upload));
    if (a->count)
        forget(a, caller, "artifact.remove", STR("session"), session_of_stream(a->stream));
}

void import_artifact_clear(struct import_artifact *a)
{
    artifact_call_drop(&a->call);
    buffer_clear(&a->arguments);
    buffer_clear(&a->bytes);
    hold_all_clear(&a->holds);
}
