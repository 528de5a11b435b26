#include "adapters/driving/cli/operation/operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/pretty.h"
#include "ports/driving/operation_service.h"

struct waiting {
    const struct operation_run *run;
    struct json_doc **out;
    struct error *err;
    int rc;
    bool done;
};

static void piece(void *arg, struct str json, struct str bytes)
{
    const struct waiting *w = arg;
    w->run->piece(w->run->arg, json, bytes);
}

/* The answer goes when done() returns; the document keeps a copy. */
static int keep(struct str json, struct json_doc **out, struct error *err)
{
    char *copy = malloc(json.len + 1);
    if (!copy)
        return error_set(err, ST_NOMEM, "out of memory");
    memcpy(copy, json.ptr, json.len);
    return json_parse_take(copy, json.len, out, err);
}

static void ended(void *arg, const struct error *err, struct str json)
{
    struct waiting *w = arg;
    w->done = true;
    if (err) {
        *w->err = *err;
        w->rc = err->code;
    } else {
        w->rc = keep(json, w->out, w->err);
    }
}

int operation_run(struct app *app, const struct operation_run *run, struct json_doc **out,
                  struct error *err)
{
    const struct operation_service *service = app_operations(app);
    struct waiting w = {.run = run, .out = out, .err = err};
    const struct call_context context = app_context(app);
    const struct operation_request request = {.name = str_from(run->name),
                                              .arguments = run->arguments,
                                              .bytes = run->bytes,
                                              .context = &context};
    const struct operation_observer observer = {&w, run->piece ? piece : NULL, ended};
    service->execute(service->ctx, &request, &observer, NULL);
    app_run_until(app, &w.done);
    return w.rc;
}

void operation_print_json(const struct json_doc *answer)
{
    struct buffer text = BUFFER_INIT;
    json_pretty(&text, json_root(answer));
    if (!buffer_failed(&text))
        printf("%.*s\n", (int)text.len, text.data);
    buffer_clear(&text);
}
