/* A task's record as JSON, as it stands in the store of values. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"
#include "ports/task.h"

/* `host` is the process that runs the task, empty if it has ended. */
void record_write(const struct task_record *record, struct str host, struct buffer *out);

/* What record_write has written, with texts that are borrowed from `doc` and `scratch`. */
struct record_read {
    struct json_doc *doc;
    struct buffer scratch[7];
    struct task_record record; /* `elsewhere` is false */
    struct str host;
};

/* ST_INVALID: it is no record; ST_NOMEM. Free it with record_clear. */
int record_read(struct str id, struct str text, struct record_read *out, struct error *err);
void record_clear(struct record_read *read);
