/* Questions to the person at the terminal, for somebody who asks. */
#pragma once

#include "adapters/driving/cli/call/terminal_input.h"
#include "core/json/json.h"

enum reply {
    REPLY_ACCEPT,
    REPLY_DECLINE,
    REPLY_CANCEL,
    REPLY_INTERRUPTED, /* nothing more can be asked */
};

/* Writes a text of a plugin to stderr, made plain. */
void say(struct str text);

/* Asks all fields of a form whose message was shown. With REPLY_ACCEPT `content` got the JSON object
 * of the answers. */
enum reply ask_form(struct terminal_input *input, struct json schema, struct buffer *content);

/* Asks whether the person went to the page whose address and purpose were shown. */
enum reply ask_page(struct terminal_input *input);
