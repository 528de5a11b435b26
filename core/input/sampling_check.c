#include "core/input/sampling.h"

struct block_iter block_iter(struct json content)
{
    bool single = json_type(content) == JSON_OBJECT;
    return (struct block_iter){
        .single = single ? content : json_none(),
        .array = json_iter(single ? json_none() : content),
    };
}

bool block_next(struct block_iter *it)
{
    if (json_exists(it->single)) {
        it->block = it->single;
        it->single = json_none();
        return true;
    }
    if (!json_next(&it->array))
        return false;
    it->block = it->array.value;
    return true;
}

static bool block_is(struct json block, struct str type)
{
    return json_is(json_get(block, STR("type")), type);
}

static uint32_t count_blocks(struct json content, struct str type)
{
    struct block_iter it = block_iter(content);
    uint32_t count = 0;
    while (block_next(&it))
        count += block_is(it.block, type);
    return count;
}

/* How many blocks have this text as the member. */
static uint32_t count_ids(struct json content, struct str member, struct json id)
{
    struct block_iter it = block_iter(content);
    uint32_t count = 0;
    while (block_next(&it))
        count += json_same_string(json_get(it.block, member), id);
    return count;
}

/* Each `member` of one message is there exactly once as `other` of the other one. */
static bool is_matched(struct json content, struct str member, struct json others,
                       struct str other)
{
    struct block_iter it = block_iter(content);
    while (block_next(&it)) {
        struct json id = json_get(it.block, member);
        if (json_exists(id) && count_ids(others, other, id) != 1)
            return false;
    }
    return true;
}

static bool is_answered(struct json uses, struct json results)
{
    return is_matched(uses, STR("id"), results, STR("toolUseId")) &&
           is_matched(results, STR("toolUseId"), uses, STR("id"));
}

static int check_roles(struct json message, uint32_t uses, uint32_t results, struct error *err)
{
    struct json role = json_get(message, STR("role")), content = json_get(message, STR("content"));
    uint32_t all = json_type(content) == JSON_OBJECT ? 1 : json_count(content);
    if (uses && !json_is(role, STR("assistant")))
        return error_set(err, ST_INVALID, "only a message of the assistant may hold tool_use");
    if (results && !json_is(role, STR("user")))
        return error_set(err, ST_INVALID, "only a message of the user may hold tool_result");
    if (results && results != all)
        return error_set(err, ST_INVALID, "a message with tool_result must hold nothing else");
    if (uses > SAMPLING_MAX_TOOL_USES || results > SAMPLING_MAX_TOOL_USES)
        return error_set(err, ST_INVALID, "more than %d tool_use or tool_result blocks",
                         SAMPLING_MAX_TOOL_USES);
    return ST_OK;
}

/* `open` is the content of the message before if it holds tool_use, and of this one afterwards. */
static int check_turn(struct json message, struct json *open, struct error *err)
{
    struct json content = json_get(message, STR("content"));
    uint32_t uses = count_blocks(content, STR("tool_use"));
    uint32_t results = count_blocks(content, STR("tool_result"));
    int rc = check_roles(message, uses, results, err);
    if (rc)
        return rc;
    if (results && !json_exists(*open))
        return error_set(err, ST_INVALID, "tool_result without tool_use in the message before");
    if (json_exists(*open) && (!results || !is_answered(*open, content)))
        return error_set(err, ST_INVALID, "must hold one tool_result for each tool_use of the "
                                          "message before, with its id");
    *open = uses ? content : json_none();
    return ST_OK;
}

int sampling_check(struct json params, struct error *err)
{
    struct json open = json_none();
    struct json_iter it = json_iter(json_get(params, STR("messages")));
    for (uint32_t i = 0; json_next(&it); i++) {
        int rc = check_turn(it.value, &open, err);
        if (rc) {
            error_prefix(err, "/messages/%u: ", i);
            return rc;
        }
    }
    if (json_exists(open))
        return error_set(err, ST_INVALID, "the last message holds tool_use without a tool_result "
                                          "after it");
    return ST_OK;
}

bool sampling_has_block(struct json params, struct str type)
{
    struct json_iter it = json_iter(json_get(params, STR("messages")));
    while (json_next(&it))
        if (count_blocks(json_get(it.value, STR("content")), type))
            return true;
    return false;
}

bool sampling_needs_tools(struct json params)
{
    return json_exists(json_get(params, STR("tools"))) ||
           json_exists(json_get(params, STR("toolChoice"))) ||
           sampling_has_block(params, STR("tool_use")) ||
           sampling_has_block(params, STR("tool_result"));
}
