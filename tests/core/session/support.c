#include "tests/core/session/support.h"

#include <stdio.h>
#include <stdlib.h>

int fold_event(struct fold *fold, const char *type, const char *data)
{
    struct json_doc *doc;
    struct stored_event event = {.id = STR("e"),
                                 .stream = STR("session/s1"),
                                 .version = ++fold->version,
                                 .position = fold->version,
                                 .type = str_from(type),
                                 .schema = 1,
                                 .at_ms = fold->now_ms += 1000,
                                 .caller = STR("ann"),
                                 .tenant = STR("acme"),
                                 .data = str_from(data)};
    int rc = json_parse(event.data, &doc, &fold->err);
    if (rc)
        return rc;
    rc = session_apply(&fold->session, &event, json_root(doc), &fold->err);
    json_free(doc);
    return rc;
}

int fold_command(struct fold *fold, session_command *command, const char *arguments, char *data)
{
    struct session_emit emit = {0};
    char id[20];
    snprintf(id, sizeof(id), "id-%d", (int)fold->version + 1);
    const struct session_world world = {.wall_ms = fold->now_ms,
                                        .id = str_from(id),
                                        .defaults = {.max_operations = 8,
                                                     .max_bytes = 100000,
                                                     .max_artifacts = 1000,
                                                     .max_duration_ms = 60000,
                                                     .retention_ms = 90000}};
    struct json_doc *doc;
    data[0] = '\0';
    int rc = json_parse(str_from(arguments), &doc, &fold->err);
    if (rc)
        return rc;
    rc = command(&fold->session, json_root(doc), &world, &emit, &fold->err);
    json_free(doc);
    if (!rc && emit.type) {
        snprintf(data, 4096, "%s %.*s", emit.type, STR_ARG(buffer_str(&emit.data)));
        char *text = malloc(emit.data.len + 1);
        snprintf(text, emit.data.len + 1, "%.*s", STR_ARG(buffer_str(&emit.data)));
        rc = fold_event(fold, emit.type, text);
        free(text);
    }
    session_emit_clear(&emit);
    return rc;
}

void fold_clear(struct fold *fold)
{
    session_state_clear(&fold->session);
}
