#include "core/base/str.h"
#include "core/session/parts.h"
#include "core/session/projections.h"

static struct buffer key_of(const struct stored_event *event)
{
    struct buffer key = BUFFER_INIT;
    session_key_owner(&key, event->tenant, event->caller);
    session_key_part(&key, session_of_stream(event->stream));
    return key;
}

static int keys(void *ctx, const struct stored_event *event, struct json data,
                struct projection_keys *wanted, struct error *err)
{
    struct buffer key = key_of(event);
    (void)ctx;
    (void)data;
    (void)err;
    projection_want(wanted, buffer_str(&key));
    buffer_clear(&key);
    return ST_OK;
}

static int fold(struct session *session, struct json row, const struct stored_event *event,
                struct json data, struct error *err)
{
    int rc = json_exists(row) ? session_read(row, session, err) : ST_OK;
    return rc ? rc : session_apply(session, event, data, err);
}

static int apply(void *ctx, const struct stored_event *event, struct json data,
                 struct projection_rows *rows, struct error *err)
{
    struct buffer key = key_of(event), row = BUFFER_INIT;
    struct session session = {0};
    (void)ctx;
    int rc = fold(&session, projection_get(rows, buffer_str(&key)), event, data, err);
    if (!rc && session.status == SESSION_ERASED) {
        projection_remove(rows, buffer_str(&key));
    } else if (!rc) {
        session_write(&session, &row);
        if (buffer_failed(&row))
            rc = error_set(err, ST_NOMEM, "out of memory");
        else
            projection_put(rows, buffer_str(&key), buffer_str(&row));
    }
    session_state_clear(&session);
    buffer_clear(&key);
    buffer_clear(&row);
    return rc;
}

const struct projection session_active_projection = {
    .name = "active-sessions",
    .version = 1,
    .types = session_event_types,
    .type_count = SESSION_EVENT_TYPES,
    .keys = keys,
    .apply = apply,
};
