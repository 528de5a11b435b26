/*
 * SPDX-License-Identifier: MIT
 */
#include "written.h"

#include <time.h>

#include "kit/source.h"
#include "limits.h"

void written_time(hexmcp_json_writer *w, const char *key, int64_t seconds)
{
    char text[32];
    time_t when = (time_t)seconds;
    struct tm parts;
    if (seconds == 0 || !gmtime_r(&when, &parts) || parts.tm_year < -900 || parts.tm_year > 8099)
        return;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    hexmcp_json_put_text(w, key, text);
}

int32_t written_empty(const hexmcp_round *r, const char *path)
{
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s has no entries; give another archive",
                       SHOWN(path));
}

void passed_begin(struct passed *passed)
{
    passed->count = 0;
    hexmcp_json_writer_init(&passed->list);
    hexmcp_json_begin_array(&passed->list);
}

void passed_add(struct passed *passed, const char *name, const char *why)
{
    if (passed->count++ >= SHOWN_FILES_MAX)
        return;
    hexmcp_json_begin_object(&passed->list);
    hexmcp_json_put_text(&passed->list, "name", name);
    hexmcp_json_put_text(&passed->list, "reason", why);
    hexmcp_json_end_object(&passed->list);
}

void passed_end(struct passed *passed, hexmcp_json_writer *w)
{
    hexmcp_json_end_array(&passed->list);
    if (passed->count > 0) {
        hexmcp_json_put_int64(w, "skipped_count", passed->count);
        hexmcp_json_put_raw(w, "skipped", hexmcp_json_writer_text(&passed->list));
    }
    passed_free(passed);
}

void passed_free(struct passed *passed)
{
    hexmcp_json_writer_free(&passed->list);
}
