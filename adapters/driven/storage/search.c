/* Documents. */
#include <stdlib.h>

#include "adapters/driven/storage/inside.h"

struct searching {
    search_done *done;
    void *arg;
};

static void answered(void *arg, const struct error *err, struct str json)
{
    struct searching *q = arg;
    q->done(q->arg, err, err ? STR("") : json);
    free(q);
}

static void begin(struct storage *s, enum store_op op, struct str space, struct str json,
                  search_done *done, void *arg)
{
    struct searching *q = malloc(sizeof(*q));
    struct error err;
    if (!q) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err, STR(""));
        return;
    }
    *q = (struct searching){done, arg};
    const struct store_request request = {.op = op, .space = space, .json = json};
    s->store->begin(s->store->ctx, &request, &(struct store_sink){q, NULL, answered});
}

static void search_index_documents(void *ctx, struct str space, struct str documents,
                                   search_done *done, void *arg)
{
    begin(ctx, STORE_SEARCH_INDEX, space, documents, done, arg);
}

static void search_remove(void *ctx, struct str space, struct str ids, search_done *done, void *arg)
{
    begin(ctx, STORE_SEARCH_REMOVE, space, ids, done, arg);
}

static void search_query(void *ctx, struct str space, struct str query, search_done *done,
                         void *arg)
{
    begin(ctx, STORE_SEARCH_QUERY, space, query, done, arg);
}

void search_init(struct storage *s)
{
    s->search = (struct search_index){.ctx = s,
                                      .index = search_index_documents,
                                      .remove = search_remove,
                                      .query = search_query};
}
