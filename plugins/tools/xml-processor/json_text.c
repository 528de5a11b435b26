/*
 * SPDX-License-Identifier: MIT
 */
#include "json_text.h"

bool json_text_string(struct bytes *out, const char *text, size_t len)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_string(&w, (hexmcp_str){text, len});
    hexmcp_str json = hexmcp_json_writer_text(&w);
    bool added = json.len > 0 && bytes_add(out, json.ptr, json.len);
    hexmcp_json_writer_free(&w);
    return added;
}

bool json_text_raw(struct bytes *out, const char *raw)
{
    return bytes_add(out, raw, strlen(raw));
}
