/*
 * SPDX-License-Identifier: MIT
 */
#include "problems.h"

void problems_add(struct problems *p, uint64_t line, hexmcp_str column, const char *rule,
                  const char *format, ...)
{
    va_list list;
    if (p->total++ >= PROBLEMS_MOST)
        return;
    struct problem *each = &p->list[p->count++];
    *each = (struct problem){line, rule, column, ""};
    va_start(list, format);
    vsnprintf(each->text, sizeof(each->text), format, list);
    va_end(list);
}

void problems_put(const struct problems *p, hexmcp_json_writer *w, const char *key)
{
    hexmcp_json_key(w, key);
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < p->count; i++) {
        const struct problem *each = &p->list[i];
        hexmcp_json_begin_object(w);
        hexmcp_json_put_int64(w, "line", (int64_t)each->line);
        if (each->column.len > 0)
            hexmcp_json_put_string(w, "column", each->column);
        if (each->rule)
            hexmcp_json_put_text(w, "rule", each->rule);
        hexmcp_json_put_text(w, "message", each->text);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
}
