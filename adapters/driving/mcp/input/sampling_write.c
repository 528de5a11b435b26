#include "adapters/driving/mcp/input/sampling_write.h"

#include "core/input/sampling.h"

static bool knows_member(enum revision revision, struct json key)
{
    if (json_is(key, STR("_meta")))
        return revision_has(revision, FEATURE_META);
    if (json_is(key, STR("lastModified")))
        return revision_has(revision, FEATURE_LAST_MODIFIED);
    return true;
}

/* A text, an image or audio: without tools no other block is written for an old revision. */
static void write_plain_block(struct json_writer *w, struct json block, enum revision revision)
{
    json_begin_object(w);
    struct json_iter it = json_iter(block);
    while (json_next(&it)) {
        if (!knows_member(revision, it.key))
            continue;
        json_key_raw(w, it.key);
        if (json_is(it.key, STR("annotations")))
            write_plain_block(w, it.value, revision);
        else
            json_write_raw(w, json_text(it.value));
    }
    json_end_object(w);
}

static bool holds_only_objects(enum revision revision, struct json key, struct json value)
{
    return json_is(key, STR("structuredContent")) && json_type(value) != JSON_OBJECT &&
           !revision_has(revision, FEATURE_STRUCTURED_ANY);
}

static void write_block(struct json_writer *w, struct json block, enum revision revision)
{
    json_begin_object(w);
    struct json_iter it = json_iter(block);
    while (json_next(&it))
        if (!holds_only_objects(revision, it.key, it.value))
            json_put_member(w, it.key, it.value);
    json_end_object(w);
}

static void write_content(struct json_writer *w, struct json content, enum revision revision)
{
    if (json_type(content) == JSON_OBJECT) {
        write_block(w, content, revision);
        return;
    }
    json_begin_array(w);
    struct json_iter it = json_iter(content);
    while (json_next(&it))
        write_block(w, it.value, revision);
    json_end_array(w);
}

static void write_message(struct json_writer *w, struct json message, enum revision revision)
{
    json_begin_object(w);
    struct json_iter it = json_iter(message);
    while (json_next(&it)) {
        json_key_raw(w, it.key);
        if (json_is(it.key, STR("content")))
            write_content(w, it.value, revision);
        else
            json_write_raw(w, json_text(it.value));
    }
    json_end_object(w);
}

static void write_split_message(struct json_writer *w, struct json message,
                                enum revision revision)
{
    struct block_iter it = block_iter(json_get(message, STR("content")));
    while (block_next(&it)) {
        json_begin_object(w);
        json_put_raw(w, STR("role"), json_text(json_get(message, STR("role"))));
        json_key(w, STR("content"));
        write_plain_block(w, it.block, revision);
        json_end_object(w);
    }
}

static void write_messages(struct json_writer *w, struct json messages, enum revision revision)
{
    json_begin_array(w);
    struct json_iter it = json_iter(messages);
    while (json_next(&it)) {
        if (revision_has(revision, FEATURE_SAMPLING_BLOCKS))
            write_message(w, it.value, revision);
        else
            write_split_message(w, it.value, revision);
    }
    json_end_array(w);
}

static bool knows_output_schema(enum revision revision, struct json schema)
{
    return revision_has(revision, FEATURE_STRUCTURED_ANY) ||
           json_is(json_get(schema, STR("type")), STR("object"));
}

static void write_tool(struct json_writer *w, struct json tool, enum revision revision)
{
    json_begin_object(w);
    struct json_iter it = json_iter(tool);
    while (json_next(&it))
        if (!json_is(it.key, STR("outputSchema")) || knows_output_schema(revision, it.value))
            json_put_member(w, it.key, it.value);
    json_end_object(w);
}

static void write_tools(struct json_writer *w, struct json tools, enum revision revision)
{
    json_begin_array(w);
    struct json_iter it = json_iter(tools);
    while (json_next(&it))
        write_tool(w, it.value, revision);
    json_end_array(w);
}

static bool knows_param(const struct client_abilities *abilities, struct json key,
                        struct json value)
{
    if (json_is(key, STR("tools")) || json_is(key, STR("toolChoice")))
        return abilities->sampling_tools;
    if (json_is(key, STR("includeContext")))
        return abilities->sampling_context || json_is(value, STR("none"));
    return true;
}

void sampling_write(struct json_writer *w, struct json params, enum revision revision,
                    const struct client_abilities *abilities)
{
    struct json_iter it = json_iter(params);
    while (json_next(&it)) {
        if (!knows_param(abilities, it.key, it.value))
            continue;
        json_key_raw(w, it.key);
        if (json_is(it.key, STR("messages")))
            write_messages(w, it.value, revision);
        else if (json_is(it.key, STR("tools")))
            write_tools(w, it.value, revision);
        else
            json_write_raw(w, json_text(it.value));
    }
}
