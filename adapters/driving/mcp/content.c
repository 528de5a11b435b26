#include "adapters/driving/mcp/content.h"

void content_write_text(struct json_writer *w, struct str text)
{
    json_begin_array(w);
    json_begin_object(w);
    json_put_string(w, STR("type"), STR("text"));
    json_put_string(w, STR("text"), text);
    json_end_object(w);
    json_end_array(w);
}

static void write_note(struct json_writer *w, struct str text)
{
    json_begin_object(w);
    json_put_string(w, STR("type"), STR("text"));
    json_put_string(w, STR("text"), text);
    json_end_object(w);
}

static void write_audio_note(struct json_writer *w, struct json block)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_str(&text, STR("[audio "));
    json_decode(json_get(block, STR("mimeType")), &text);
    buffer_add_str(&text, STR(", "));
    buffer_add_u64(&text, json_length(json_get(block, STR("data"))));
    buffer_add_str(&text, STR(" characters of base64, which this protocol revision cannot "
                               "carry]"));
    write_note(w, buffer_str(&text));
    buffer_clear(&text);
}

static void write_link_note(struct json_writer *w, struct json block)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_str(&text, STR("[resource "));
    json_decode(json_get(block, STR("name")), &text);
    buffer_add_str(&text, STR(": "));
    json_decode(json_get(block, STR("uri")), &text);
    buffer_add_char(&text, ']');
    write_note(w, buffer_str(&text));
    buffer_clear(&text);
}

static bool knows_member(enum revision revision, struct json key)
{
    if (json_is(key, STR("_meta")))
        return revision_has(revision, FEATURE_META);
    if (json_is(key, STR("lastModified")))
        return revision_has(revision, FEATURE_LAST_MODIFIED);
    if (json_is(key, STR("icons")))
        return revision_has(revision, FEATURE_ICONS);
    return true;
}

void content_write_known(struct json_writer *w, enum revision revision, struct json object)
{
    json_begin_object(w);
    struct json_iter it = json_iter(object);
    while (json_next(&it)) {
        if (!knows_member(revision, it.key))
            continue;
        json_key_raw(w, it.key);
        bool inner = json_is(it.key, STR("resource")) || json_is(it.key, STR("annotations"));
        if (inner && json_type(it.value) == JSON_OBJECT)
            content_write_known(w, revision, it.value);
        else
            json_write_raw(w, json_text(it.value));
    }
    json_end_object(w);
}

void content_write_block(struct json_writer *w, enum revision revision, struct json block)
{
    struct json type = json_get(block, STR("type"));
    if (json_is(type, STR("audio")) && !revision_has(revision, FEATURE_AUDIO))
        write_audio_note(w, block);
    else if (json_is(type, STR("resource_link")) &&
             !revision_has(revision, FEATURE_RESOURCE_LINK))
        write_link_note(w, block);
    else
        content_write_known(w, revision, block);
}

void content_write(struct json_writer *w, enum revision revision, struct json content,
                   struct json structured)
{
    if (!json_exists(content)) {
        content_write_text(w, json_text(structured));
        return;
    }
    /* The newer revisions know everything that a block can hold. */
    if (revision_has(revision, FEATURE_ICONS)) {
        json_write_raw(w, json_text(content));
        return;
    }
    json_begin_array(w);
    struct json_iter it = json_iter(content);
    while (json_next(&it))
        content_write_block(w, revision, it.value);
    json_end_array(w);
}
