#include "core/session/rows.h"

#define PAGE 500u

bool row_is_of(const struct session_work *work, struct json row)
{
    const struct caller *caller = work_caller(work);
    return json_is(json_get(row, STR("caller")), caller->id) &&
           json_is(json_get(row, STR("tenant")), caller->tenant);
}

static bool tell(struct row_reader *reader, const struct projection_row *row)
{
    struct json_doc *doc;
    if (json_parse(row->value, &doc, NULL))
        return true;
    bool more = reader->row(reader, row->key, json_root(doc));
    reader->count++;
    json_free(doc);
    return more && reader->count < ROWS_MAX;
}

static void page(void *arg, const struct error *err, const struct projection_answer *answer)
{
    struct row_reader *reader = arg;
    bool more = true;
    if (err) {
        work_fail(reader->work, err);
        return;
    }
    for (size_t i = 0; i < answer->count && more; i++)
        more = tell(reader, &answer->rows[i]);
    if (!more || !answer->more || answer->count == 0) {
        reader->done(reader);
        return;
    }
    reader->after.len = 0;
    buffer_add_str(&reader->after, answer->rows[answer->count - 1].key);
    rows_read(reader);
}

void rows_read(struct row_reader *reader)
{
    struct sessions *sessions = reader->work->sessions;
    const struct projection_query query = {.projection = str_from(reader->projection->name),
                                           .prefix = reader->prefix,
                                           .after = buffer_str(&reader->after),
                                           .backward = reader->backward,
                                           .limit = PAGE,
                                           .min_position = sessions->seen};
    projections_query(sessions->parts.projections, &query, page, reader);
}
