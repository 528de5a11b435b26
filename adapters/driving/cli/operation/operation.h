/* Runs one operation for a command, and prints what it answers. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "core/base/buffer.h"
#include "core/json/json.h"

struct operation_run {
    const char *name;     /* of the operation                                                    */
    struct str arguments; /* JSON object; empty: {}                                              */
    struct str bytes;
    /* Gets pieces of the answer; may be NULL. */
    void (*piece)(void *arg, struct str json, struct str bytes);
    void *arg;
};

/* Turns the loop until the operation has ended; *out, to be freed with json_free, is its answer. */
int operation_run(struct app *app, const struct operation_run *run, struct json_doc **out,
                  struct error *err);

/* Prints the answer as indented JSON. */
void operation_print_json(const struct json_doc *answer);
