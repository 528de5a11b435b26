/* Params of sampling/createMessage whose shape (SHAPE_SAMPLING) is right. */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"

/* tool_use blocks in one message. */
#define SAMPLING_MAX_TOOL_USES 128

/* Checks the turns: each message of the assistant with tool_use blocks is followed by one of the
 * user that holds nothing but a tool_result for each. */
int sampling_check(struct json params, struct error *err);

/* True if a message holds a block of this type. */
bool sampling_has_block(struct json params, struct str type);

/* True if the client needs `sampling.tools` for it. */
bool sampling_needs_tools(struct json params);

/* The content of a message: one block, or an array of them. */
struct block_iter {
    struct json block;
    struct json single;
    struct json_iter array;
};
struct block_iter block_iter(struct json content);
bool block_next(struct block_iter *it);
